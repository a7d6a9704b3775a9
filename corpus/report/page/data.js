"use strict";
// The documents and the tables that they share. Nothing here is ever taken as HTML: elements are
// made by `make`, and all text in them is text.
const at = (id) => document.getElementById(id);

function takeJson(id) {
  const element = at(id);
  const value = JSON.parse(element.textContent);
  element.remove();
  return value;
}

const documents = takeJson("documents");
const tables = takeJson("tables");
const audit = takeJson("audit"); // null where none was given
const COLOURS = 8;

function make(tag, options = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(options)) {
    if (name === "text") element.textContent = value;
    else if (name === "class") element.className = value;
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// A link to the web, where the address is one: never javascript:, data: or anything else.
function webLink(address, text) {
  if (!/^https?:\/\/[^\s]+$/i.test(address)) return make("bdi", { dir: "auto", text });
  return make("a", { href: address, rel: "noopener noreferrer", target: "_blank", dir: "auto", text });
}

const layerNames = tables.layers.map(([name, task, round]) => {
  const more = [];
  if (task !== "spans") more.push(task);
  if (round > 1) more.push(`round ${round}`);
  return more.length ? `${name} (${more.join(", ")})` : name;
});

// One or two letters a layer, so that it is told not by its colour alone.
const layerMarks = (() => {
  const taken = new Set();
  return tables.layers.map(([name], number) => {
    const own = name.replace(/^annotator:/, "") || "?";
    const letters = [...own].slice(0, 1).join("").toUpperCase();
    const options = [letters, [...own].slice(0, 2).join(""), letters + (number + 1)];
    const mark = options.find((each) => !taken.has(each)) || String(number + 1);
    taken.add(mark);
    return mark;
  });
})();

const layerClass = (number) => `c${number % COLOURS}`;

// A mention is an array, what is empty at its end left out.
const labelOf = (mention) => tables.labels[mention[2]];
const linksOf = (mention) => mention[3] || [];
const candidatesOf = (mention) => mention[4] || [];
const decisionsOf = (mention) => mention[6] || [];
const votesOf = (mention) => mention[7] || 0;
const sourceOf = (mention) => mention[5] || "";

function entityName(number) {
  const [id, label] = tables.entities[number];
  return id === tables.nil ? tables.nil : label || id;
}

function plural(number, noun) {
  return `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : "s"}`;
}

const titleOf = (record) => record.h || record.i;
