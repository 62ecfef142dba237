// The form below the editor: all fields of a submission except the script.

import { artifactsField } from "./artifacts_field.js";
import { EnvironmentField } from "./environment_field.js";
import { FieldError } from "./field_error.js";
import { FieldGroup } from "./field_group.js";
import { acceptDrops } from "./file_drop.js";
import { FilesField } from "./files_field.js";
import { argvField, inputsField, stdinField } from "./input_fields.js";
import { LimitsField } from "./limits_field.js";
import { ModeField } from "./mode_field.js";

/** @typedef {import("../../common/types.js").Submission} Submission */

export class RequestForm {
  /**
   * @param {HTMLElement} place
   * @param {import("../../common/service.js").Service} service
   * @param {import("../../common/key_field.js").KeyField} key
   */
  constructor(place, service, key) {
    this.mode = new ModeField(() => this.#adapt());
    this.environment = new EnvironmentField(service, key);
    this.argv = argvField();
    this.inputs = inputsField();
    this.files = new FilesField(() => this.#describe());
    const stdin = stdinField();
    const artifacts = artifactsField();
    const limits = new LimitsField();
    this.fields = [this.mode, this.environment, this.argv, this.inputs, stdin, this.files, artifacts, limits];
    this.groups = [
      new FieldGroup("Input", [this.argv, this.inputs, stdin], { open: true, empty: "none" }),
      new FieldGroup("Files", [this.files], { empty: "none" }),
      new FieldGroup("Files to keep", [artifacts], { empty: "none" }),
      new FieldGroup("Limits", [limits], { empty: "default" }),
    ];
    place.append(this.mode.element, this.environment.element, ...this.groups.map((group) => group.element));
    place.addEventListener("input", () => this.#describe());
    // Enter in a field would send the form, which has no address.
    place.addEventListener("submit", (event) => event.preventDefault());
    acceptDrops(async (files) => {
      this.#groupOf(this.files)?.open();
      await this.files.add(files);
      this.files.element.scrollIntoView({ block: "nearest" });
    });
    this.#adapt();
  }

  /**
   * @returns {Omit<Submission, "script">}
   * @throws {FieldError} A field is wrong. It is shown, and has the focus.
   */
  read() {
    const faults = [];
    const parts = [];
    for (const field of this.fields) {
      field.clearProblem();
      if (field.element.hidden) continue;
      try {
        parts.push(field.read());
      } catch (error) {
        if (!(error instanceof FieldError)) throw error;
        faults.push(error);
      }
    }
    for (const fault of faults.reverse()) this.showProblem(fault.field, fault.message);
    if (faults.length) throw faults.at(-1);
    return Object.assign({}, ...parts);
  }

  /** @param {Submission} submission */
  write(submission) {
    for (const field of this.fields) field.write(submission);
    this.#adapt();
  }

  /** What the fields hold, right or wrong. */
  get draft() {
    return this.fields.map((field) => field.draft);
  }

  set draft(drafts) {
    for (const [index, field] of this.fields.entries()) field.draft = drafts[index];
    this.#adapt();
  }

  /**
   * Show that a field is wrong, and focus it.
   *
   * @param {string} path Its path in a submission.
   * @param {string} message
   * @returns {boolean} Whether the form has the field.
   */
  showProblem(path, message) {
    const name = /^\w+/.exec(path)?.[0];
    const field = this.fields.find((each) => each.name === name && !each.element.hidden);
    if (!field) return false;
    this.#groupOf(field)?.open();
    field.showProblem(path, message)?.focus();
    return true;
  }

  /** A mode has its own input. */
  #adapt() {
    this.argv.element.hidden = this.mode.mode !== "program";
    this.inputs.element.hidden = this.mode.mode !== "main";
    this.#describe();
  }

  #describe() {
    for (const group of this.groups) group.describe();
  }

  #groupOf(field) {
    return this.groups.find((group) => group.fields.includes(field));
  }
}
