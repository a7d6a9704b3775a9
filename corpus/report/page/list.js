// A list of which only the rows on the screen are drawn, whatever their number.

const ROW = 58; // pixels, as in the style

// `fill(row, item)` puts into a row what is seen of it; `shown(item)` follows the choice (undefined
// where nothing is listed), `entered()` the Enter key.
function makeList({ name, box, rows, fill, shown, entered }) {
  let items = [];
  let chosen = -1;

  function rowOf(position) {
    const row = make("div", {
      role: "option",
      id: `${name}-${position}`,
      class: "row",
      "aria-selected": String(position === chosen),
      "aria-setsize": String(items.length),
      "aria-posinset": String(position + 1),
    });
    row.style.top = `${position * ROW}px`;
    fill(row, items[position]);
    row.addEventListener("click", () => choose(position));
    return row;
  }

  function draw() {
    const first = Math.max(0, Math.floor(box.scrollTop / ROW) - 4);
    const last = Math.min(items.length, Math.ceil((box.scrollTop + box.clientHeight) / ROW) + 4);
    rows.style.height = `${items.length * ROW}px`;
    const drawn = [];
    for (let position = first; position < last; position += 1) drawn.push(rowOf(position));
    rows.replaceChildren(...drawn);
    if (chosen >= first && chosen < last) box.setAttribute("aria-activedescendant", `${name}-${chosen}`);
    else box.removeAttribute("aria-activedescendant");
  }

  function choose(position) {
    chosen = items.length ? Math.max(0, Math.min(position, items.length - 1)) : -1;
    if (chosen >= 0) {
      const top = chosen * ROW;
      if (top < box.scrollTop) box.scrollTop = top;
      else if (top + ROW > box.scrollTop + box.clientHeight) box.scrollTop = top + ROW - box.clientHeight;
    }
    draw();
    shown(items[chosen]);
  }

  box.addEventListener("scroll", draw, { passive: true });
  addEventListener("resize", draw);
  box.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor(box.clientHeight / ROW) - 1);
    const moves = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + page,
      PageUp: chosen - page,
      Home: 0,
      End: items.length - 1,
    };
    if (event.key === "Enter") entered();
    else if (event.key in moves) choose(moves[event.key]);
    else return;
    event.preventDefault();
  });

  return {
    draw,
    // Other items keep the choice, if it is among them.
    show(others) {
      const still = chosen < 0 ? -1 : others.indexOf(items[chosen]);
      items = others;
      if (still < 0) box.scrollTop = 0;
      choose(still < 0 ? 0 : still);
    },
    choose,
    items: () => items,
    place: () => chosen,
  };
}

const mentionCount = (record) => (record.y || []).reduce((sum, layer) => sum + layer.m.length, 0);

function fillDocumentRow(row, index) {
  const record = documents[index];
  const facts = [plural(mentionCount(record), "mention")];
  if (record.s !== undefined) facts.unshift(tables.splits[record.s]);
  if (record.x) facts.push(`≠ ${plural(record.x.length, "disagreement")}`);
  row.append(
    make("span", { class: "row-title", dir: "auto", text: titleOf(record) }),
    make("span", { class: "row-facts", text: facts.join(" · ") }),
  );
}

// The documents that the filters leave, by number.
const documentList = makeList({
  name: "row",
  box: at("list"),
  rows: at("rows"),
  fill: fillDocumentRow,
  shown: (index) => renderDocument(index === undefined ? -1 : index),
  entered: () => at("document").focus(),
});
