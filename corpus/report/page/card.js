// The card: what every layer says of one place, shown on hover and focus, held by Enter or click.

const card = at("card");
let cardOwner = null;
let cardHeld = false;

function layerTag(number) {
  return make(
    "span",
    { class: "layer" },
    make("span", { class: `mark-key ${layerClass(number)}`, "aria-hidden": "true", text: layerMarks[number] }),
    make("bdi", { dir: "auto", text: layerNames[number] }),
  );
}

function entityLine(number) {
  const [id, label, description, address] = tables.entities[number];
  if (id === tables.nil) return make("span", { text: "NIL: judged to be absent from the knowledge base" });
  const line = make("span", {}, webLink(address, label || id));
  if (label && label !== id) line.append(" ", make("bdi", { class: "id", text: id }));
  if (description) line.append(make("span", { class: "about", dir: "auto", text: ` ${description}` }));
  return line;
}

function candidateTable(candidates) {
  const body = make("tbody");
  candidates.forEach(([entity, prior, score], index) => {
    const numbers = [String(index + 1), prior.toFixed(2), score.toFixed(2)];
    body.append(
      make(
        "tr",
        {},
        make("td", { text: numbers[0] }),
        make("td", {}, entityLine(entity)),
        make("td", { class: "number", text: numbers[1] }),
        make("td", { class: "number", text: numbers[2] }),
      ),
    );
  });
  const head = make("tr");
  for (const text of ["", "Candidate", "Prior", "Score"]) head.append(make("th", { scope: "col", text }));
  return make("table", { class: "candidates" }, make("thead", {}, head), body);
}

function opinionOf(layer, mention) {
  const box = make("dd");
  if (!mention) {
    box.append(make("span", { class: "none", text: layer.s === 2 ? "not touched" : "no mention here" }));
    return box;
  }
  box.append(make("strong", { dir: "auto", text: labelOf(mention) }));
  const links = linksOf(mention);
  if (!links.length) box.append(make("span", { class: "none", text: " link not judged" }));
  for (const [entity, role] of links) {
    box.append(" → ", entityLine(entity), role ? ` (${tables.roles[role]})` : "");
  }
  const source = sourceOf(mention);
  if (source) box.append(make("div", { class: "about", dir: "auto", text: `from ${source}` }));
  const settled = decisionsOf(mention).join(", ");
  if (settled) {
    const text = `settled by ${settled}, from ${plural(votesOf(mention), "vote")}`;
    box.append(make("div", { class: "about", dir: "auto", text }));
  }
  if (candidatesOf(mention).length) box.append(candidateTable(candidatesOf(mention)));
  return box;
}

function fillCard(record, place) {
  const surface = record.t.slice(place.start, place.end);
  const list = make("dl");
  for (const layer of record.y || []) {
    const mine = layer.m.filter((each) => each[0] === place.start && each[1] === place.end);
    for (const mention of mine.length ? mine : [null]) {
      const state = layer.s === undefined ? "" : ` ${tables.states[layer.s]}`;
      list.append(make("dt", {}, layerTag(layer.n), make("span", { class: "about", text: state })));
      list.append(opinionOf(layer, mention));
    }
  }
  const title = make("p", { class: "surface", dir: "auto", text: surface });
  const disputed = spanSet(record.x).has(place.key);
  card.replaceChildren(title, ...(disputed ? [make("p", { class: "warn", text: "≠ annotators disagree here" })] : []), list);
}

function showCard(record, place, owner) {
  if (cardHeld) return;
  fillCard(record, place);
  cardOwner = owner;
  owner.setAttribute("aria-describedby", "card");
  card.hidden = false;
  const box = owner.getBoundingClientRect();
  const width = card.offsetWidth;
  const height = card.offsetHeight;
  const below = box.bottom + 6 + height < innerHeight || box.top < height;
  card.style.left = `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`;
  card.style.top = `${Math.max(8, below ? box.bottom + 6 : box.top - height - 6)}px`;
}

function hideCard() {
  if (cardOwner) {
    cardOwner.removeAttribute("aria-describedby");
    cardOwner.setAttribute("aria-expanded", "false");
  }
  card.hidden = true;
  cardHeld = false;
  cardOwner = null;
}

function holdCard(record, place, owner) {
  hideCard();
  showCard(record, place, owner);
  cardHeld = true;
  owner.setAttribute("aria-expanded", "true");
  card.focus();
}

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || card.hidden) return;
  const owner = cardOwner;
  const held = cardHeld;
  hideCard();
  if (held && owner) {
    owner.focus();
    hideCard();
  }
});
document.addEventListener("pointerdown", (event) => {
  if (cardHeld && !card.contains(event.target)) hideCard();
});
