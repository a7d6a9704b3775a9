// What happens when the page is opened and used.

function showTab(tab) {
  for (const each of document.querySelectorAll("[role=tab]")) {
    const on = each === tab;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
    at(each.getAttribute("aria-controls")).hidden = !on;
  }
  hideCard();
  if (tab.id === "tab-documents") drawRows();
}

at("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) showTab(tab);
});
at("tabs").addEventListener("keydown", (event) => {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const other = document.querySelector("[role=tab][aria-selected=false]");
  showTab(other);
  other.focus();
});

let waiting = 0;
function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(applyFilters, 120);
}

at("filters").addEventListener("input", soon);
at("filters").addEventListener("submit", (event) => {
  event.preventDefault();
  applyFilters();
});
at("clear").addEventListener("click", () => {
  at("filters").reset();
  applyFilters();
  at("filter-text").focus();
});

chooseLayers();
fillFilters();
applyFilters();
