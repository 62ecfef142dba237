// Text to copy, with a button that copies it.

import { element } from "../../common/dom.js";
import { copyFrom } from "./copying.js";

export class CopyBox {
  /**
   * @param {string} id
   * @param {string} label
   * @param {number} rows
   */
  constructor(id, label, rows) {
    this.area = element("textarea", { id, rows, readonly: true, "aria-label": label, spellcheck: "false", wrap: "off" });
    this.said = element("span", { role: "status", class: "quiet" });
    this.button = element("button", { type: "button", class: "primary", onclick: () => this.#copy() }, "Copy");
    this.element = element("div", { class: "copy-box" }, this.area, element("div", { class: "toolbar" }, this.button, this.said));
  }

  /** @param {string} text */
  show(text) {
    this.area.value = text;
    this.said.textContent = "";
  }

  async #copy() {
    const copied = await copyFrom(this.area);
    this.said.textContent = copied ? "Copied." : "Press Ctrl-C, or Cmd-C, to copy.";
  }
}
