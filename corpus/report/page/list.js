// The list of documents: as many rows as fit on the screen, whatever their number.

const ROW = 58; // pixels, as in the style
const list = at("list");
const rows = at("rows");
let found = [];
let chosen = -1;

const mentionCount = (record) => (record.y || []).reduce((sum, layer) => sum + layer.m.length, 0);

function rowOf(position) {
  const record = documents[found[position]];
  const row = make("div", {
    role: "option",
    id: `row-${position}`,
    class: "row",
    "aria-selected": String(position === chosen),
    "aria-setsize": String(found.length),
    "aria-posinset": String(position + 1),
  });
  row.style.top = `${position * ROW}px`;
  const facts = [plural(mentionCount(record), "mention")];
  if (record.s !== undefined) facts.unshift(tables.splits[record.s]);
  if (record.x) facts.push(`≠ ${plural(record.x.length, "disagreement")}`);
  row.append(
    make("span", { class: "row-title", dir: "auto", text: titleOf(record) }),
    make("span", { class: "row-facts", text: facts.join(" · ") }),
  );
  row.addEventListener("click", () => choose(position));
  return row;
}

function drawRows() {
  const first = Math.max(0, Math.floor(list.scrollTop / ROW) - 4);
  const last = Math.min(found.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 4);
  rows.style.height = `${found.length * ROW}px`;
  const drawn = [];
  for (let position = first; position < last; position += 1) drawn.push(rowOf(position));
  rows.replaceChildren(...drawn);
  if (chosen >= first && chosen < last) list.setAttribute("aria-activedescendant", `row-${chosen}`);
  else list.removeAttribute("aria-activedescendant");
}

function choose(position) {
  chosen = found.length ? Math.max(0, Math.min(position, found.length - 1)) : -1;
  if (chosen >= 0) {
    const top = chosen * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
  }
  drawRows();
  renderDocument(chosen < 0 ? -1 : found[chosen]);
}

// New results keep the document that is open, if it is among them.
function showFound(indices) {
  const open = current;
  found = indices;
  const still = found.indexOf(open);
  if (still < 0) list.scrollTop = 0;
  choose(still < 0 ? 0 : still);
}

list.addEventListener("scroll", drawRows, { passive: true });
addEventListener("resize", drawRows);
list.addEventListener("keydown", (event) => {
  const page = Math.max(1, Math.floor(list.clientHeight / ROW) - 1);
  const moves = {
    ArrowDown: chosen + 1,
    ArrowUp: chosen - 1,
    PageDown: chosen + page,
    PageUp: chosen - page,
    Home: 0,
    End: found.length - 1,
  };
  if (event.key === "Enter") at("document").focus();
  else if (event.key in moves) choose(moves[event.key]);
  else return;
  event.preventDefault();
});
