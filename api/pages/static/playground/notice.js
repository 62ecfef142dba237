// One line above the editor that says where its script comes from, with a button that takes the change back.

import { element } from "../common/dom.js";

export class Notice {
  /** @param {HTMLElement} place It has the role `status`: screen readers announce new text in it. */
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

  /** @param {string} text Text to append to the line. */
  add(text) {
    this.place.firstElementChild?.append(` ${text}`);
  }

  clear() {
    this.place.replaceChildren();
  }
}
