// One line above the editor that says where its script comes from, with a button that takes the change back.

import { element } from "../common/dom.js";

export class Notice {
  /** @param {HTMLElement} place It is a status: screen readers say what is put into it. */
  constructor(place) {
    this.place = place;
  }

  /**
   * @param {string} text
   * @param {() => void} [undo] Takes back what the text says.
   */
  show(text, undo) {
    const close = element("button", { type: "button", class: "plain", onclick: () => this.clear() }, "Dismiss");
    const back = undo && element("button", { type: "button", class: "plain", onclick: () => (this.clear(), undo()) }, "Undo");
    this.place.replaceChildren(element("span", {}, text), ...(back ? [back] : []), close);
  }

  /** @param {string} text Said after what the line says already. */
  add(text) {
    this.place.firstElementChild?.append(` ${text}`);
  }

  clear() {
    this.place.replaceChildren();
  }
}
