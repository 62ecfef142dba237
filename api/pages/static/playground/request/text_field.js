// A field whose value a person writes as text.

import { element } from "../../common/dom.js";
import { FieldBox } from "./field_box.js";
import { FieldError, messageOf } from "./field_error.js";

/**
 * How a field's value is written as text.
 *
 * @typedef {object} Notation
 * @property {(text: string) => any} parse Returns the value, undefined for the default. It throws an Error for a text
 *     that has no value.
 * @property {(value: any) => string} format Returns a text that has this value.
 * @property {(value: any) => string} summarize Describes a value in two or three words.
 */

export class TextField {
  /**
   * @param {string} name The name of the field in a submission.
   * @param {{label: string, hint?: string, rows?: number, placeholder?: string, checked?: boolean}} look `checked` checks
   *     the text while it is typed.
   * @param {Notation} notation
   */
  constructor(name, { label, hint = "", rows = 2, placeholder = "", checked = false }, notation) {
    this.name = name;
    this.notation = notation;
    this.control = element("textarea", {
      id: `field-${name}`, rows, placeholder, spellcheck: "false", autocapitalize: "off", autocomplete: "off",
    });
    this.box = new FieldBox(this.control, label, hint);
    this.element = this.box.element;
    this.control.addEventListener("input", () => {
      this.box.showProblem(checked ? this.#fault() : "");
    });
    // A text area changes line ends. While the person has changed nothing, the value is the one that was written.
    this.written = { text: "", value: /** @type {any} */ (undefined) };
  }

  /** @returns {Record<string, any>} The part of a submission that this field holds. */
  read() {
    let value;
    try {
      value = this.#value();
    } catch (error) {
      throw new FieldError(this.name, messageOf(error));
    }
    return value === undefined ? {} : { [this.name]: value };
  }

  /** @param {import("../../common/types.js").Submission} submission */
  write(submission) {
    const value = submission[this.name];
    this.control.value = value === undefined ? "" : this.notation.format(value);
    this.written = { text: this.control.value, value };
    this.box.showProblem("");
  }

  /** What the field holds, right or wrong. */
  get draft() {
    return { text: this.control.value, written: this.written };
  }

  set draft({ text, written }) {
    this.control.value = text;
    this.written = written;
    this.box.showProblem("");
  }

  /** @returns {string} A summary of the value, "" for the default. */
  get summary() {
    try {
      const value = this.#value();
      return value === undefined ? "" : this.notation.summarize(value);
    } catch {
      return `${this.name}: not correct`;
    }
  }

  /**
   * @param {string} _path The path of the wrong field.
   * @param {string} message
   * @returns {HTMLElement} The control to correct.
   */
  showProblem(_path, message) {
    this.box.showProblem(message);
    return this.control;
  }

  clearProblem() {
    this.box.showProblem("");
  }

  #value() {
    const { text, value } = this.written;
    return this.control.value === text ? value : this.notation.parse(this.control.value);
  }

  #fault() {
    try {
      this.#value();
      return "";
    } catch (error) {
      return messageOf(error);
    }
  }
}
