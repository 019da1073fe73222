// Warns before a page with unsaved `form[data-unsaved]` is left. A form whose attribute is "yes" shows
// what was typed into a refused one, so it is unsaved from the beginning.

let submitted = null;

function isChanged(field) {
  if (field instanceof HTMLSelectElement) {
    const options = [...field.options];
    return options.some((each) => each.defaultSelected) && options.some((each) => each.selected !== each.defaultSelected);
  }
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  return field.defaultValue !== undefined && field.value !== field.defaultValue;
}

function isUnsaved(form) {
  return form.dataset.unsaved === "yes" || [...form.elements].some(isChanged);
}

document.addEventListener("submit", (event) => {
  submitted = event.target;
});

addEventListener("beforeunload", (event) => {
  const unsaved = [...document.querySelectorAll("form[data-unsaved]")].filter((form) => form !== submitted && isUnsaved(form));
  submitted = null;
  if (unsaved.length) event.preventDefault();
});
