// Filters: which documents hold what is looked for.

let lowered = null;

// The text of each document, its title and id, in lower case: made at the first search.
function loweredTexts() {
  if (!lowered) lowered = documents.map((record) => `${record.t}\n${titleOf(record)}\n${record.i}`.toLowerCase());
  return lowered;
}

function entitiesLike(words) {
  if (!words) return null;
  const fitting = new Set();
  tables.entities.forEach(([id, label], number) => {
    const name = label.toLowerCase();
    if (id.toLowerCase() === words || name.includes(words) || `${name} ${id.toLowerCase()}` === words) fitting.add(number);
  });
  return fitting;
}

const numberOrNull = (value) => (value === "" ? null : Number(value));

function wantedNow() {
  return {
    text: at("filter-text").value.trim().toLowerCase(),
    label: numberOrNull(at("filter-label").value),
    entities: entitiesLike(at("filter-entity").value.trim().toLowerCase()),
    layer: numberOrNull(at("filter-layer").value),
    split: numberOrNull(at("filter-split").value),
    disputed: at("filter-disputed").checked,
  };
}

function mentionWanted(record, wanted) {
  const disputed = wanted.disputed ? spanSet(record.x) : null;
  for (const layer of record.y || []) {
    for (const mention of layer.m) {
      if (!mentionFits(layer.n, mention, wanted)) continue;
      if (!disputed || disputed.has(`${mention[0]}-${mention[1]}`)) return true;
    }
  }
  return false;
}

function documentFits(record, index, wanted) {
  if (wanted.split !== null && record.s !== wanted.split) return false;
  if (wanted.disputed && !record.x) return false;
  if (wanted.text && !loweredTexts()[index].includes(wanted.text)) return false;
  const anyMention = wanted.label === null && wanted.entities === null && wanted.layer === null;
  return anyMention || mentionWanted(record, wanted);
}

function applyFilters() {
  const wanted = wantedNow();
  const fitting = [];
  documents.forEach((record, index) => {
    if (documentFits(record, index, wanted)) fitting.push(index);
  });
  const listed = `${fitting.length.toLocaleString("en")} of ${plural(documents.length, "document")}`;
  const left = tables.all - documents.length;
  at("found").textContent = left > 0 ? `${listed}; ${left.toLocaleString("en")} more are not in this file` : listed;
  documentList.show(fitting);
}

function fillChoice(id, all, names) {
  const options = names.map((name, number) => [name, String(number)]);
  options.sort((a, b) => a[0].localeCompare(b[0], "en"));
  at(id).append(make("option", { value: "", text: all }));
  for (const [text, value] of options) at(id).append(make("option", { value, text }));
}

function fillFilters() {
  fillChoice("filter-label", "any", tables.labels);
  fillChoice("filter-layer", "any", layerNames);
  fillChoice("filter-split", "any", tables.splits);
  at("split-choice").hidden = !tables.splits.length;
  at("dispute-choice").hidden = !documents.some((record) => record.x);
  // A browser slows down with more suggestions than this; typing finds the others too.
  for (const [id, label] of tables.entities.slice(0, 1000)) {
    at("entities").append(make("option", { value: label ? `${label} ${id}` : id }));
  }
}
