// What happens when the page is opened and used.

function showTab(tab) {
  for (const each of document.querySelectorAll("[role=tab]")) {
    const on = each === tab;
    each.setAttribute("aria-selected", String(on));
    each.tabIndex = on ? 0 : -1;
    at(each.getAttribute("aria-controls")).hidden = !on;
  }
  hideCard();
  if (tab.id === "tab-documents") documentList.draw();
  if (tab.id === "tab-audit") auditList.draw();
}

at("tabs").addEventListener("click", (event) => {
  const tab = event.target.closest("[role=tab]");
  if (tab) showTab(tab);
});
at("tabs").addEventListener("keydown", (event) => {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  const tabs = [...document.querySelectorAll("[role=tab]:not([hidden])")];
  const step = event.key === "ArrowRight" ? 1 : tabs.length - 1;
  const other = tabs[(tabs.findIndex((tab) => tab.tabIndex === 0) + step) % tabs.length];
  showTab(other);
  other.focus();
});

let waiting = 0;

function listenTo(form, clear, first, apply) {
  at(form).addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(apply, 120);
  });
  at(form).addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  at(clear).addEventListener("click", () => {
    at(form).reset();
    apply();
    at(first).focus();
  });
}

listenTo("filters", "clear", "filter-text", applyFilters);
listenTo("audit-filters", "audit-clear", "audit-kind", applyAuditFilters);

chooseLayers();
fillFilters();
applyFilters();
if (audit) {
  at("tab-audit").hidden = false;
  fillAuditFilters();
  applyAuditFilters();
}
