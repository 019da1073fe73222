// Selects the reader's own zone in each zone chooser and each `data-zones="guess"` list.

const own = document.documentElement.dataset.zone; // set by times.js
const asked = new URLSearchParams(location.search);

/** Selects `own` in `select`; adds it if the list does not have it, such as an old alias. */
function choose(select) {
  if (![...select.options].some((option) => option.value === own)) {
    select.add(new Option(document.documentElement.dataset.place, own), 0);
  }
  select.value = own;
}

for (const select of document.querySelectorAll("select[data-zones]")) {
  const chooser = select.closest("[data-zone-chooser]");
  if (asked.has(select.name) || select.value === own) continue;
  if (chooser) {
    choose(select);
    chooser.dataset.quietly = "";
    chooser.requestSubmit();
  } else if (select.dataset.zones === "guess") {
    choose(select);
    select.dispatchEvent(new Event("change", { bubbles: true })); // chooser.js shows the time in it
  }
}
