// The audit: likely mistakes, the surest first, each leading to its place in a text and back.
//
// A finding: {k: kind number, s: score, r: reason, d: document number (-1: not in this file),
// i: document id, a: start, e: end, w: words, l: label, m: whether a mention is there,
// o: [[name, address in Doccano] ...]}.

let opened = null; // the finding whose place is shown among the documents

const AROUND = 200; // code units of a text shown on each side of a finding

const findingTitle = (finding) => (finding.d < 0 ? finding.i : titleOf(documents[finding.d]));

function fillFindingRow(row, finding) {
  const words = finding.i ? finding.w : "the whole corpus";
  row.append(
    make("span", { class: "row-title", dir: "auto", text: words }),
    make("span", { class: "row-facts", text: `${finding.s.toFixed(2)} ${audit.kinds[finding.k]} · ${finding.r}` }),
  );
}

const auditList = makeList({
  name: "finding",
  box: at("audit-list"),
  rows: at("audit-rows"),
  fill: fillFindingRow,
  shown: (finding) => at("finding").replaceChildren(...findingDetails(finding)),
  entered: () => openFinding(auditList.items()[auditList.place()]),
});

function doccanoLinks(finding) {
  return finding.o.map(([name, address]) => webLink(address, `Open in Doccano: ${name}`));
}

function action(text, act) {
  const button = make("button", { type: "button", text });
  button.addEventListener("click", act);
  return button;
}

function passage(finding) {
  const text = documents[finding.d].t;
  const from = Math.max(0, finding.a - AROUND);
  const to = Math.min(text.length, finding.e + AROUND);
  // A line of its own direction, and no half of a pair of surrogates at either end.
  const before = text.slice(from, finding.a).replace(/^[\udc00-\udfff]/, "");
  const after = text.slice(finding.e, to).replace(/[\ud800-\udbff]$/, "");
  const mark = make("mark", { class: "mention unmarked doubted", text: text.slice(finding.a, finding.e) });
  return make(
    "p",
    { class: "passage", dir: "auto", lang: documents[finding.d].g || null },
    (from ? "…" : "") + before,
    mark,
    after + (to < text.length ? "…" : ""),
  );
}

function findingDetails(finding) {
  if (!finding) return [make("p", { class: "none", text: audit.rows.length ? "No finding." : "The audit found nothing." })];
  const facts = make("dl", { class: "meta" });
  const add = (key, value) => value && facts.append(make("dt", { text: key }), make("dd", { dir: "auto", text: value }));
  add("kind", audit.kinds[finding.k]);
  add("score", finding.s.toFixed(2));
  add("label", finding.l);
  add("document", finding.i && findingTitle(finding));
  if (finding.i !== findingTitle(finding)) add("id", finding.i);
  const parts = [
    make("h2", { dir: "auto", text: finding.i ? finding.w : "The whole corpus" }),
    make("p", { class: "warn", dir: "auto", text: finding.r }),
    facts,
  ];
  if (!finding.i) return parts;
  const listed = finding.d >= 0;
  const doings = make("div", { class: "doings" });
  if (listed) doings.append(action("Show in the document", () => openFinding(finding)));
  doings.append(...doccanoLinks(finding));
  const missing = make("p", { class: "none", text: "Its document is not in this file." });
  return [...parts, doings, listed ? passage(finding) : missing];
}

// A layer with the mention that is doubted is shown, and filters that hide the document are cleared.
function openFinding(finding) {
  if (!finding || finding.d < 0) return;
  const record = documents[finding.d];
  const here = (mention) => finding.m && mention[0] === finding.a && mention[1] === finding.e && labelOf(mention) === finding.l;
  const saying = (record.y || []).filter((layer) => layer.m.some(here)).map((layer) => layer.n);
  if (!saying.some(isShown)) for (const number of saying) hiddenLayers.delete(number);
  showTab(at("tab-documents"));
  if (!documentList.items().includes(finding.d)) {
    at("filters").reset();
    applyFilters();
  }
  opened = finding;
  documentList.choose(documentList.items().indexOf(finding.d));
  const chip = [...document.querySelectorAll("#text .chip")].find((each) => each.dataset.place === placeKey(finding));
  const place = chip || document.querySelector("#text mark.doubted");
  if (place) place.scrollIntoView({ block: "center" });
  (chip || at("document")).focus({ preventScroll: true });
}

function backToAudit() {
  opened = null;
  documentList.choose(documentList.place());
  showTab(at("tab-audit"));
  at("audit-list").focus();
}

function openNext(step) {
  auditList.choose(auditList.place() + step);
  openFinding(auditList.items()[auditList.place()]);
}

const placeKey = (finding) => `${finding.a}-${finding.e}`;
const isOpened = (record) => opened !== null && record === documents[opened.d];

// What the audit says of a place, with which a name read aloud goes on; nothing of any other.
function doubtOf(record, place) {
  return isOpened(record) && place.key === placeKey(opened) ? `; doubted: ${opened.r}` : "";
}

// The places of a text, with that of the finding, which no layer may mark.
function withDoubtedPlace(record, places) {
  if (!isOpened(record) || opened.a >= opened.e) return places;
  if (places.some((place) => place.key === placeKey(opened))) return places;
  const place = { key: placeKey(opened), start: opened.a, end: opened.e, votes: [] };
  return [...places, place].sort((a, b) => a.start - b.start || b.end - a.end);
}

function doubtBar(record) {
  if (!isOpened(record)) {
    opened = null; // another document was chosen
    return [];
  }
  const number = auditList.place();
  const many = auditList.items().length;
  const doings = [
    action("Back to the audit", backToAudit),
    ...(number > 0 ? [action("Previous", () => openNext(-1))] : []),
    ...(number + 1 < many ? [action("Next", () => openNext(1))] : []),
    ...doccanoLinks(opened),
  ];
  const told = `${(number + 1).toLocaleString("en")} of ${plural(many, "finding")}: ${audit.kinds[opened.k]} ${opened.s.toFixed(2)}, `;
  const what = make("p", {}, told, make("bdi", { dir: "auto", text: opened.w }), ": ", make("bdi", { dir: "auto", text: opened.r }));
  return [make("section", { class: "doubt", "aria-label": "Audit" }, what, make("div", { class: "doings" }, ...doings))];
}

function applyAuditFilters() {
  const kind = numberOrNull(at("audit-kind").value);
  const label = at("audit-label").value;
  const text = at("audit-text").value.trim().toLowerCase();
  const fits = (finding) =>
    (kind === null || finding.k === kind) &&
    (!label || finding.l === audit.labels[Number(label)]) &&
    (!text || `${finding.w}\n${finding.i}\n${findingTitle(finding)}`.toLowerCase().includes(text));
  const fitting = audit.rows.filter(fits);
  at("audit-found").textContent = `${fitting.length.toLocaleString("en")} of ${plural(audit.rows.length, "finding")}`;
  auditList.show(fitting);
}

function fillAuditFilters() {
  audit.labels = [...new Set(audit.rows.map((finding) => finding.l).filter(Boolean))];
  fillChoice("audit-kind", "any", audit.kinds);
  fillChoice("audit-label", "any", audit.labels);
}
