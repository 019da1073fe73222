// Sets each zone chooser and each `data-zones="guess"` list to the reader's own zone.

const own = document.documentElement.dataset.zone; // times.js has written it
const asked = new URLSearchParams(location.search);

/** Chooses `own` in `select`; a name that the list lacks (an old alias) is added. */
function choose(select) {
  if (![...select.options].some((option) => option.value === own)) {
    select.add(new Option(own.split("/").pop().replaceAll("_", " "), own), 0);
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
  }
}
