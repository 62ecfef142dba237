// A JSON value as a tree of details elements. Children are made when they are opened, and not all at once.

import { element } from "../../common/dom.js";
import { visibleText } from "../../common/format.js";

/** Children that are made at once; a button makes as many more. */
const CHILDREN = 100;

/** Characters of a string or a name that are shown. */
const CHARACTERS = 1000;

/**
 * Return a value as an element.
 *
 * @param {any} value
 * @param {{name?: string | number, open?: number}} [options] `name`: its name in its parent. `open`: how many
 *     levels are open.
 * @returns {HTMLElement}
 */
export function jsonTree(value, { name, open = 0 } = {}) {
  const label = name === undefined ? [] : [element("span", { class: "json-name" }, shorten(String(name))), ": "];
  if (value === null || typeof value !== "object") return element("div", { class: "json-leaf" }, ...label, leaf(value));
  const entries = Array.isArray(value) ? value.map((child, index) => [index, child]) : Object.entries(value);
  if (entries.length === 0) return element("div", { class: "json-leaf" }, ...label, Array.isArray(value) ? "[]" : "{}");
  const children = element("div", { class: "json-children" });
  const details = element(
    "details", { open: open > 0 },
    element("summary", {}, ...label, element("span", { class: "quiet" }, count(value, entries.length))),
    children,
  );
  const fill = () => {
    if (details.open && !children.hasChildNodes()) addChildren(children, entries, 0, open - 1);
  };
  details.addEventListener("toggle", fill);
  fill();
  return details;
}

function addChildren(place, entries, start, open) {
  const end = start + CHILDREN;
  const made = entries.slice(start, end).map(([name, child]) => jsonTree(child, { name, open }));
  place.append(...made);
  if (start > 0) made[0].querySelector("summary")?.focus();
  if (end >= entries.length) return;
  const more = element("button", { type: "button", class: "plain" }, `Show more of ${entries.length.toLocaleString("en")}`);
  more.addEventListener("click", () => {
    more.remove();
    addChildren(place, entries, end, 0);
  });
  place.append(more);
}

function leaf(value) {
  if (typeof value !== "string") return element("span", { class: "json-number" }, shorten(String(value)));
  return element("span", { class: "json-string" }, `"${shorten(JSON.stringify(value).slice(1, -1))}"`);
}

function shorten(text) {
  if (text.length <= CHARACTERS) return visibleText(text);
  return `${visibleText(text.slice(0, CHARACTERS))}… (${text.length.toLocaleString("en")} characters)`;
}

function count(value, length) {
  const [one, many] = Array.isArray(value) ? ["item", "items"] : ["field", "fields"];
  return `${Array.isArray(value) ? "list" : "object"}, ${length.toLocaleString("en")} ${length === 1 ? one : many}`;
}
