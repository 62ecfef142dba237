// The submission that the editor and the form make together.

import { visibleText } from "../common/format.js";

/** @typedef {import("../common/types.js").Submission} Submission */

export class Composer {
  /**
   * @param {import("./editor/editor.js").Editor} editor
   * @param {import("./request/request_form.js").RequestForm} form
   * @param {import("./notice.js").Notice} notice
   */
  constructor(editor, form, notice) {
    this.editor = editor;
    this.form = form;
    this.notice = notice;
  }

  /**
   * Return the submission.
   *
   * @returns {Promise<Submission>}
   * @throws {import("./request/field_error.js").FieldError} A field is wrong. The form shows it.
   */
  async read() {
    return { script: this.editor.text, ...this.form.read() };
  }

  /** @param {Submission} submission Show this submission. Fields that it does not have get their defaults. */
  write(submission) {
    this.editor.text = submission.script;
    this.form.write(submission);
  }

  /**
   * Show another submission, and let the person take that back.
   *
   * @param {Submission} submission
   * @param {string} message Where it comes from.
   */
  replace(submission, message) {
    const before = { script: this.editor.text, form: this.form.draft };
    this.write(submission);
    const { environment = "stdlib" } = submission;
    const lacks = this.form.environment.lacks(environment);
    const more = lacks ? ` This service has no environment ${visibleText(environment)}.` : "";
    this.notice.show(message + more, () => {
      this.editor.text = before.script;
      this.form.draft = before.form;
    });
  }

  /**
   * Show at its field why the service refused the submission.
   *
   * @param {import("../common/service.js").ServiceError} error
   */
  showRefusal({ field, message }) {
    if (field) this.form.showProblem(field, visibleText(message));
  }
}
