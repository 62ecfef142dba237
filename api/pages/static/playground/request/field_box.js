// A control with its label, a hint, and a line for its error.

import { element } from "../../common/dom.js";

export class FieldBox {
  /**
   * @param {HTMLElement} control It has an id.
   * @param {string} label
   * @param {string} [hint]
   */
  constructor(control, label, hint = "") {
    this.control = control;
    const { id } = control;
    this.hint = element("p", { class: "hint", id: `${id}-hint`, hidden: !hint }, hint);
    this.problem = element("p", { class: "bad", id: `${id}-problem`, hidden: true });
    control.setAttribute("aria-describedby", `${this.problem.id} ${this.hint.id}`);
    this.element = element(
      "div", { class: "field" }, element("label", { for: id }, label), control, this.problem, this.hint,
    );
  }

  /** @param {string} message The error, "" for none. */
  showProblem(message) {
    this.problem.textContent = message;
    this.problem.hidden = !message;
    if (message) this.control.setAttribute("aria-invalid", "true");
    else this.control.removeAttribute("aria-invalid");
  }

  /** @param {string} text */
  showHint(text) {
    this.hint.textContent = text;
    this.hint.hidden = !text;
  }
}
