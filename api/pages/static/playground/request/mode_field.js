// The field for the mode: how the service runs the script.

import { element } from "../../common/dom.js";

const MODES = [
  { mode: "program", label: "Program", title: "The script runs from top to bottom." },
  { mode: "main", label: "Function main", title: "The service calls main() with the inputs, and shows what it returns." },
];

export class ModeField {
  name = "mode";

  /** @param {() => void} onChange Called when another mode is chosen. */
  constructor(onChange) {
    this.radios = MODES.map(({ mode }) =>
      element("input", { type: "radio", name: "mode", id: `mode-${mode}`, value: mode, onchange: () => this.#apply() }));
    this.onChange = onChange;
    const choices = MODES.map(({ label, title }, index) => element("label", { title }, this.radios[index], label));
    this.element = element("fieldset", { class: "choice" }, element("legend", {}, "Mode"), ...choices);
    this.radios[0].checked = true;
  }

  /** @returns {"main" | "program"} */
  get mode() {
    return this.radios.find((radio) => radio.checked).value;
  }

  read() {
    return { mode: this.mode };
  }

  /** @param {{mode: string}} submission */
  write({ mode }) {
    this.draft = mode;
  }

  /** @type {string} */
  get draft() {
    return this.mode;
  }

  set draft(mode) {
    for (const radio of this.radios) radio.checked = radio.value === mode;
    this.#apply();
  }

  get summary() {
    return "";
  }

  /** A radio button is never wrong by itself. */
  showProblem() {
    return this.radios.find((radio) => radio.checked);
  }

  clearProblem() {}

  #apply() {
    this.onChange();
  }
}
