// Places: mentions of equal start and end, of all layers that are shown, put together.

function placesOf(record, shown) {
  const places = new Map();
  for (const layer of record.y || []) {
    if (!shown(layer.n)) continue;
    for (const mention of layer.m) {
      const key = `${mention[0]}-${mention[1]}`;
      let place = places.get(key);
      if (!place) {
        place = { key, start: mention[0], end: mention[1], votes: [] };
        places.set(key, place);
      }
      place.votes.push({ layer: layer.n, mention });
    }
  }
  return [...places.values()].sort((a, b) => a.start - b.start || b.end - a.end);
}

function linkText(mention) {
  return linksOf(mention)
    .map(([entity, role]) => (role ? `${entityName(entity)} (${tables.roles[role]})` : entityName(entity)))
    .join(", ");
}

// What layers say of a place, those that say the same together.
function opinionsOf(place) {
  const opinions = new Map();
  for (const { layer, mention } of place.votes) {
    const label = labelOf(mention);
    const link = linkText(mention);
    const key = JSON.stringify([label, link]);
    if (!opinions.has(key)) opinions.set(key, { label, link, layers: [] });
    const { layers } = opinions.get(key);
    if (!layers.includes(layer)) layers.push(layer);
  }
  return [...opinions.values()];
}

// Whether a mention is what the filters look for; with no filter every one is.
function mentionFits(layer, mention, wanted) {
  if (wanted.layer !== null && layer !== wanted.layer) return false;
  if (wanted.label !== null && mention[2] !== wanted.label) return false;
  if (wanted.entities === null) return true;
  return linksOf(mention).some(([entity]) => wanted.entities.has(entity));
}

const spanSet = (spans) => new Set((spans || []).map(([start, end]) => `${start}-${end}`));

// Pieces of one line of text from `from` to `to`: text, and marks opening and closing in order.
// Places that cross are cut where another ends, so that the marks are properly nested.
function piecesOf(places, from, to) {
  const inside = places.filter((place) => place.start < to && place.end > from);
  const borders = new Set([from, to]);
  for (const place of inside) {
    borders.add(Math.max(place.start, from));
    borders.add(Math.min(place.end, to));
  }
  const sorted = [...borders].sort((a, b) => a - b);
  const pieces = [];
  let open = [];
  let next = 0;
  for (let i = 0; i + 1 < sorted.length; i += 1) {
    const [start, end] = [sorted[i], sorted[i + 1]];
    const covering = open.filter((place) => place.end > start);
    while (next < inside.length && inside[next].start <= start) covering.push(inside[next++]);
    let same = 0;
    while (same < open.length && open[same] === covering[same]) same += 1;
    for (let k = open.length; k > same; k -= 1) pieces.push({ close: open[k - 1], ends: open[k - 1].end === start });
    for (const place of covering.slice(same)) pieces.push({ open: place, begins: place.start === start });
    pieces.push({ start, end });
    open = covering;
  }
  while (open.length) {
    const place = open.pop();
    pieces.push({ close: place, ends: place.end === to });
  }
  return pieces;
}
