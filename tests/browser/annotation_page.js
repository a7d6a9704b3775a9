// What a person sees on Doccano's annotation page, put in numbers. Loaded into every page that the
// tests open. A place in the text is a UTF-16 unit of the whole text, as the DOM counts.
"use strict";

window.seen = (() => {
  // The page hangs the place of each line on its <text> element; an empty line shows a sign. It
  // puts lines that it no longer needs far above the window, to use them again later.
  const isHere = (element) => element.getBoundingClientRect().bottom > -1000;
  const lines = () =>
    [...document.querySelectorAll(".annotation-text svg text")].filter(
      (each) => each.annotatorElement && isHere(each),
    );
  const strokes = () => [...document.querySelectorAll(".annotation-text svg line")].filter(isHere);
  const isEmpty = ({ annotatorElement: place }) => place.startOffset === place.endOffset;

  const boxes = (node, at) => {
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 1);
    return [...range.getClientRects()];
  };

  // The part of the page around the text that has something of that name.
  const partWith = (name) => {
    let part = document.querySelector(".annotation-text > *").__vue__;
    const inside = (each) => (name in each ? each : each.$children.map(inside).find(Boolean));
    while (part && !inside(part)) part = part.$parent;
    return inside(part);
  };

  // While the page still fetches one example (200 ms at least) it ignores the key for the next.
  const isFetching = () => partWith("$fetchState").$fetchState.pending;

  let look = "";
  let calm = 0;

  return {
    // True once the text is shown up to `end` or the window's lower edge with strokes of that many
    // colours, and nothing has moved for five calls; made to be called every frame.
    settled({ text, end, colours }) {
      const drawn = [...document.querySelectorAll(".annotation-text svg text"), ...strokes()];
      const now = drawn.map((each) => {
        const { x, y, width, height } = each.getBoundingClientRect();
        return [x, y, width, height, each.textContent].join();
      });
      const shown = lines();
      const ready =
        document.fonts.status === "loaded" &&
        shown.length > 0 &&
        !isFetching() &&
        new Set(strokes().map((each) => each.getAttribute("stroke"))).size >= colours &&
        shown.some(
          (each) =>
            each.annotatorElement.endOffset === end ||
            each.getBoundingClientRect().bottom > window.innerHeight,
        ) &&
        shown.every((each) => isEmpty(each) || text.includes(each.textContent));
      calm = ready && now.join(";") === look ? calm + 1 : 0;
      look = now.join(";");
      return calm >= 5;
    },

    // Whether all of the text is within its frame.
    isInside() {
      const { left, right } = document.querySelector(".annotation-text").getBoundingClientRect();
      const all = lines().map((each) => each.getBoundingClientRect());
      return all.every((box) => left <= box.left && box.right <= right);
    },

    // Points of the window beside the characters on either side of a border of the text, first
    // those where a click puts the caret there. At the end of a right-to-left stretch the caret has
    // two places, and a drag of the mouse may mean either.
    points(unit) {
      const found = [];
      for (const line of lines()) {
        const { startOffset, endOffset } = line.annotatorElement;
        const node = line.firstChild;
        const wanted = unit - startOffset;
        if (unit < startOffset || endOffset < unit || isEmpty(line)) continue;
        for (const at of [wanted, wanted - 1, wanted - 2, wanted - 3, wanted + 1]) {
          if (at < 0 || at >= node.length) continue;
          for (const { left, right, top, bottom } of boxes(node, at)) {
            const y = (top + bottom) / 2;
            for (const x of [left + 0.75, right - 0.75, left - 0.75, right + 0.75]) {
              const caret = document.caretRangeFromPoint(x, y);
              const hit = caret && caret.startContainer === node && caret.startOffset === wanted;
              found.push({ x, y, rank: hit ? 0 : 1 });
            }
          }
        }
      }
      return found.sort((one, other) => one.rank - other.rank).map(({ x, y }) => [x, y]);
    },

    // The middle of the character that begins at a unit.
    middle(unit) {
      for (const line of lines()) {
        const { startOffset, endOffset } = line.annotatorElement;
        if (unit < startOffset || endOffset <= unit) continue;
        const [{ left, right, top, bottom }] = boxes(line.firstChild, unit - startOffset);
        return [(left + right) / 2, (top + bottom) / 2];
      }
      return null;
    },

    // The two ends of what is marked blue, the lower first; null if nothing is.
    selected() {
      const { anchorNode, anchorOffset, focusNode, focusOffset, isCollapsed } = getSelection();
      if (isCollapsed) return null;
      const ends = [
        [anchorNode, anchorOffset],
        [focusNode, focusOffset],
      ].map(([node, offset]) => {
        const place = node.parentNode.annotatorElement;
        return place ? place.startOffset + offset : -1;
      });
      return ends.sort((one, other) => one - other);
    },

    // [colour -> the units that strokes of this colour run under, all units of some width].
    highlighted() {
      const under = {};
      const wide = [];
      for (const line of lines().filter((each) => !isEmpty(each))) {
        const drawn = [...line.closest("svg").querySelectorAll("line")].map((stroke) => {
          const cap = stroke.getAttribute("stroke-width") / 2;
          const x = (end) =>
            new DOMPoint(stroke[end].baseVal.value, 0).matrixTransform(stroke.getScreenCTM()).x;
          return { colour: stroke.getAttribute("stroke"), left: x("x1") - cap, right: x("x2") + cap };
        });
        for (let at = 0; at < line.firstChild.length; at++) {
          const [box] = boxes(line.firstChild, at);
          if (!box || box.width < 0.5) continue;
          const unit = line.annotatorElement.startOffset + at;
          const middle = (box.left + box.right) / 2;
          wide.push(unit);
          for (const { colour, left, right } of drawn)
            if (left < middle && middle < right) (under[colour] ||= []).push(unit);
        }
      }
      return [under, wide];
    },

    // The clusters into which the page's own running code splits texts: lengths in code points.
    clusters(texts) {
      const Text = partWith("_text")._text.constructor;
      return texts.map((text) => new Text(text).graphemes.map((each) => [...each].length));
    },
  };
})();
