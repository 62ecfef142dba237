// The submission that the editor and the form make together.

/** @typedef {import("../common/types.js").Submission} Submission */

export class Composer {
  /** @param {import("./editor.js").Editor} editor */
  constructor(editor) {
    this.editor = editor;
  }

  /**
   * Return the submission.
   *
   * @returns {Promise<Submission>}
   * @throws {import("./field_error.js").FieldError} A field is wrong. The form shows it.
   */
  async read() {
    return { script: this.editor.text, mode: "program" };
  }

  /** @param {Submission} submission Show this submission. Fields that it does not have get their defaults. */
  write(submission) {
    this.editor.text = submission.script;
  }
}
