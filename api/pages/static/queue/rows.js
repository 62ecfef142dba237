// The rows of a table. Rows that stay are kept, and so is the focus in them.

import { element } from "../common/dom.js";

/**
 * A cell: a text, or a text with more.
 *
 * @typedef {string | {text: string, href?: string, class?: string, share?: number, title?: string}} Cell `share` is the
 *     length of a bar under the text, between 0 and 1.
 */

/** @template T */
export class Rows {
  /**
   * @param {HTMLElement} body The `tbody`.
   * @param {(item: T) => string} keyOf Names an item: the same item has the same row.
   * @param {(item: T) => Cell[]} cellsOf The cells of an item. The first names the row.
   */
  constructor(body, keyOf, cellsOf) {
    this.body = body;
    this.keyOf = keyOf;
    this.cellsOf = cellsOf;
    /** @type {Map<string, any>} */
    this.rows = new Map();
  }

  /** @param {T[]} items Show these, in this order. */
  show(items) {
    const wanted = new Set(items.map(this.keyOf));
    for (const [key, row] of this.rows) {
      if (wanted.has(key) || row.contains(document.activeElement)) continue;
      row.remove();
      this.rows.delete(key);
    }
    // A row that is at its place is not moved: it would lose the focus.
    /** @type {Element | null} */
    let next = this.body.firstElementChild;
    for (const item of items) {
      const row = this.#row(item);
      if (row === next) next = next.nextElementSibling;
      else this.body.insertBefore(row, next);
    }
  }

  /** @param {T} item @returns {HTMLElement} */
  #row(item) {
    const cells = this.cellsOf(item);
    const key = this.keyOf(item);
    let row = this.rows.get(key);
    if (!row) {
      row = element("tr", {}, ...cells.map((cell, place) => newCell(cell, place === 0)));
      this.rows.set(key, row);
    }
    cells.forEach((cell, place) => fill(row.children[place], typeof cell === "string" ? { text: cell } : cell));
    return row;
  }
}

/** @param {any} cell @param {boolean} first @returns {HTMLElement} */
function newCell(cell, first) {
  const inside = [element(cell.href ? "a" : "span")];
  if (cell.share !== undefined) inside.push(element("span", { class: "track" }, element("span", { class: "bar-part" })));
  return first ? element("th", { scope: "row" }, ...inside) : element("td", {}, ...inside);
}

/** @param {any} place @param {any} cell */
function fill(place, { text, href, class: name = "", share, title }) {
  const [shown, track] = place.children;
  if (shown.textContent !== text) shown.textContent = text;
  shown.className = name;
  if (title) shown.title = title;
  if (href && shown.getAttribute("href") !== href) shown.setAttribute("href", href);
  if (track) track.firstElementChild.style.width = `${100 * share}%`;
}
