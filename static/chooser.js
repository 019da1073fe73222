// Replaces a `[data-chooser]` element without loading the page: its GET forms and `data-choose` links
// are fetched, and the element with the same id takes its place.

let latest = new AbortController();

/** Returns a selector that finds in the new element what was pressed in the old one. */
function selectorOf(pressed) {
  if (!pressed) return "";
  if (pressed.id) return `#${CSS.escape(pressed.id)}`;
  if (pressed.name) return `button[name="${CSS.escape(pressed.name)}"][value="${CSS.escape(pressed.value)}"]`;
  const form = pressed.closest("form[data-zone-chooser]");
  return form ? "[data-zone-chooser] button" : "";
}

/** Loads `address` and replaces the element `id`; if that fails, navigates to the address.
    With `typed` it posts the form; if that fails, the form stays. */
async function replace(id, address, pressed, typed = null) {
  latest.abort();
  latest = new AbortController();
  const old = document.getElementById(id);
  old.setAttribute("aria-busy", "true");
  let next = null;
  try {
    const sent = typed ? { method: "POST", body: typed } : {};
    const response = await fetch(address, { ...sent, headers: { Accept: "text/html" }, signal: latest.signal });
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    next = page.getElementById(id);
    if (!typed) document.title = page.title || document.title;
  } catch (failure) {
    if (failure.name === "AbortError") return false;
  }
  if (!next) {
    if (typed) old.removeAttribute("aria-busy");
    else location.assign(address);
    return false;
  }
  const focused = old.contains(document.activeElement);
  old.replaceWith(document.adoptNode(next));
  if (focused) refocus(next, selectorOf(pressed));
  document.getElementById("said").textContent = next.dataset.said ?? "";
  next.dispatchEvent(new CustomEvent("convenor:replaced", { bubbles: true }));
  return true;
}

function refocus(part, selector) {
  const target = (selector && part.querySelector(selector)) || part;
  if (target === part) part.tabIndex = -1;
  target.focus({ preventScroll: target !== part });
}

async function go(part, address, pressed, quietly) {
  const id = part.id;
  if (!(await replace(id, address, pressed))) return;
  history[quietly ? "replaceState" : "pushState"]({ chooser: id }, "", address);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const part = form.closest("[data-chooser]");
  if (!part || form.method !== "get") return;
  event.preventDefault();
  const address = new URL(form.getAttribute("action") || location.pathname, location.href);
  address.search = new URLSearchParams(new FormData(form, event.submitter)).toString();
  go(part, address.href, event.submitter, "quietly" in form.dataset);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-choose]");
  const part = link?.closest("[data-chooser]");
  if (!part || event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  event.preventDefault();
  go(part, link.href, link, false);
});

// The server answers a form whose zone is not the one shown with the time in that zone, and books nothing.
document.addEventListener("change", ({ target }) => {
  const shown = target.form?.elements.shown_zone;
  if (!shown || target.name !== "zone" || target.value === shown.value) return;
  const typed = new URLSearchParams(new FormData(target.form));
  replace(target.closest("[data-chooser]").id, target.form.action, target, typed);
});

addEventListener("popstate", () => {
  const part = document.querySelector("[data-chooser]");
  if (part) replace(part.id, location.href, null);
});
