// Buttons with `data-copy="#field"` copy the value or text of that element to the clipboard.

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) break;
  button.dataset.ready = "";
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = document.querySelector(button.dataset.copy);
  const said = document.getElementById("said");
  try {
    await navigator.clipboard.writeText(source.value ?? source.textContent.trim());
    said.textContent = "Copied.";
    button.classList.add("is-copied");
  } catch {
    source.select?.();
    said.textContent = "Copying failed. The text is selected: press Ctrl+C.";
  }
});
