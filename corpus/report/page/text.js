// One document: its title and metadata, its layers, and its text with marks.

const hiddenLayers = new Set();
let current = -1;

// With gold there, what led to it is a click away; else everything is shown.
function chooseLayers() {
  const gold = tables.layers.some(([name]) => name === "gold");
  tables.layers.forEach(([name], number) => {
    if (gold && name !== "gold") hiddenLayers.add(number);
  });
}

const isShown = (number) => !hiddenLayers.has(number);

function layerSwitches(record) {
  const box = make("fieldset", { class: "layers" }, make("legend", { text: "Layers" }));
  for (const layer of record.y || []) {
    const input = make("input", { type: "checkbox", checked: isShown(layer.n) });
    input.addEventListener("change", () => {
      if (input.checked) hiddenLayers.delete(layer.n);
      else hiddenLayers.add(layer.n);
      renderText(record);
    });
    const state = layer.s === undefined ? "" : `, ${tables.states[layer.s]}`;
    const about = make("span", { class: "about", text: ` ${plural(layer.m.length, "mention")}${state}` });
    box.append(make("label", { class: "check" }, input, layerTag(layer.n), about));
  }
  return box;
}

function metadata(record) {
  const list = make("dl", { class: "meta" });
  const add = (key, value) => list.append(make("dt", { dir: "auto", text: key }), make("dd", {}, webLink(value, value)));
  add("id", record.i);
  if (record.g) add("language", record.g);
  for (const [key, value] of record.d || []) if (key !== "title") add(key, value);
  return make("details", {}, make("summary", { text: "Metadata" }), list);
}

function comments(record) {
  const list = make("ul", { class: "comments" });
  for (const layer of record.y || []) {
    for (const text of layer.c || []) {
      list.append(make("li", {}, layerTag(layer.n), " ", make("bdi", { dir: "auto", text })));
    }
  }
  return list.children.length ? make("section", {}, make("h3", { text: "Comments" }), list) : null;
}

function chipOf(record, place, disputed) {
  const alone = (record.y || []).filter((layer) => isShown(layer.n)).length < 2;
  const opinions = opinionsOf(place);
  const chip = make("button", {
    type: "button",
    class: disputed ? "chip disputed" : "chip",
    "aria-expanded": "false",
    "aria-haspopup": "dialog",
    dir: "ltr",
  });
  const surface = record.t.slice(place.start, place.end);
  chip.dataset.place = place.key;
  const said = opinions.map(({ label, link, layers }) => {
    const names = layers.map((number) => layerNames[number]).join(", ");
    return `${label}${link ? `, ${link}` : ""}, by ${names}`;
  });
  if (!said.length) said.push("not marked");
  chip.setAttribute("aria-label", `${surface}: ${said.join("; ")}${disputed ? "; annotators disagree" : ""}${doubtOf(record, place)}`);
  if (disputed) chip.append(make("span", { class: "unequal", text: "≠" }));
  for (const { label, link, layers } of opinions) {
    const keys = (alone ? [] : layers).map((number) =>
      make("span", { class: `mark-key ${layerClass(number)}`, text: layerMarks[number] }),
    );
    const group = make("span", { class: "opinion" }, ...keys, make("bdi", { class: "label", text: label }));
    if (link) group.append(make("bdi", { class: "link", text: link }));
    chip.append(group);
  }
  if (!opinions.length) chip.append(make("span", { class: "none", text: "not marked" }));
  chip.addEventListener("focus", () => showCard(record, place, chip));
  chip.addEventListener("blur", () => cardHeld || hideCard());
  chip.addEventListener("click", () => holdCard(record, place, chip));
  return chip;
}

// A mark that is drawn under a pointer at rest says nothing: the text has moved, not the pointer.
let pressedAt = [];
addEventListener("pointerdown", (event) => {
  pressedAt = [event.clientX, event.clientY];
});
const hasMoved = (event) => event.clientX !== pressedAt[0] || event.clientY !== pressedAt[1];

function markOf(record, place, begins, wanted) {
  const fits = place.votes.some(({ layer, mention }) => mentionFits(layer, mention, wanted));
  const marked = place.votes.length > 0;
  const classes = ["mention", marked ? layerClass(place.votes[0].layer) : "unmarked"];
  if (!begins) classes.push("goes-on");
  if (marked && !fits) classes.push("other");
  if (doubtOf(record, place)) classes.push("doubted");
  const mark = make("mark", { class: classes.join(" ") });
  mark.addEventListener("pointerenter", (event) => hasMoved(event) && showCard(record, place, mark));
  mark.addEventListener("pointerleave", () => cardHeld || hideCard());
  return mark;
}

// The chip in one piece with the last word of its mark, so that no line ends between them.
function tiedTo(mark, chip) {
  const tie = make("span", { class: "tie" });
  const last = mark.lastChild;
  if (last && last.nodeType === Node.TEXT_NODE) {
    const blank = last.data.search(/\s\S*$/u);
    if (last.data.length - blank < 24) tie.append(blank < 0 ? last : last.splitText(blank + 1));
  }
  tie.append(chip);
  return tie;
}

function lineOf(record, places, disputed, from, to, wanted) {
  const line = make("p", { dir: "auto" });
  const stack = [line];
  for (const piece of piecesOf(places, from, to)) {
    const top = stack[stack.length - 1];
    if (piece.open) {
      const mark = markOf(record, piece.open, piece.begins, wanted);
      top.append(mark);
      stack.push(mark);
    } else if (piece.close) {
      if (piece.ends) top.append(tiedTo(top, chipOf(record, piece.close, disputed.has(piece.close.key))));
      stack.pop();
    } else {
      top.append(record.t.slice(piece.start, piece.end));
    }
  }
  return line;
}

function renderText(record) {
  hideCard();
  const places = withDoubtedPlace(record, placesOf(record, isShown));
  const disputed = spanSet(record.x);
  const wanted = wantedNow();
  const box = at("text");
  const lines = [];
  let from = 0;
  let first = 0;
  while (from <= record.t.length) {
    const newline = record.t.indexOf("\n", from);
    const to = newline < 0 ? record.t.length : newline;
    // Only places that touch this line: those before it have ended for good.
    while (first < places.length && places[first].end <= from) first += 1;
    let last = first;
    while (last < places.length && places[last].start < to) last += 1;
    lines.push(lineOf(record, places.slice(first, last), disputed, from, to, wanted));
    from = to + 1;
  }
  box.replaceChildren(...lines);
  highlight(box, wanted.text);
}

function highlight(box, text) {
  if (!globalThis.Highlight || !CSS.highlights) return;
  const ranges = [];
  if (text) {
    const walker = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      if (node.parentElement.closest(".chip")) continue;
      const low = node.data.toLowerCase();
      for (let i = low.indexOf(text); i >= 0; i = low.indexOf(text, i + text.length)) {
        if (i + text.length > node.data.length) break;
        const range = new Range();
        range.setStart(node, i);
        range.setEnd(node, i + text.length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("found", new Highlight(...ranges));
}

function renderDocument(index) {
  current = index;
  const box = at("document");
  const record = documents[index];
  if (!record) {
    hideCard();
    box.replaceChildren(make("p", { class: "none", text: "No document." }));
    return;
  }
  const title = make("h2", { id: "document-title", dir: "auto", text: titleOf(record) });
  const parts = [...doubtBar(record), title, metadata(record), layerSwitches(record), make("div", { id: "text", lang: record.g || null })];
  const said = comments(record);
  if (said) parts.push(said);
  box.replaceChildren(...parts);
  box.scrollTop = 0;
  renderText(record);
}
