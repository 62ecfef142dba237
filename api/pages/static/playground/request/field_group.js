// Fields that are shown and hidden together. The first line of the group names the fields that are set.

import { element } from "../../common/dom.js";

export class FieldGroup {
  /**
   * @param {string} title
   * @param {any[]} fields
   * @param {{open?: boolean, empty: string}} look `empty` says what holds if nothing is set.
   */
  constructor(title, fields, { open = false, empty }) {
    this.fields = fields;
    this.empty = empty;
    this.about = element("span", { class: "quiet about" });
    this.element = element(
      "details", { class: "group", open }, element("summary", {}, element("span", {}, title), " ", this.about),
      element("div", { class: "fields" }, ...fields.map((field) => field.element)),
    );
  }

  open() {
    this.element.open = true;
  }

  /** Name the fields that are set. */
  describe() {
    const set = this.fields.filter((field) => !field.element.hidden).map((field) => field.summary).filter(Boolean);
    this.about.textContent = set.join(", ") || this.empty;
  }
}
