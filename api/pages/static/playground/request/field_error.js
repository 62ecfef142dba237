// A field of the form whose content cannot be sent.

export class FieldError extends Error {
  /**
   * @param {string} field Its path in the submission, such as `limits.timeout` or `files[3].path`.
   * @param {string} message The error, for a person.
   */
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/** @param {unknown} error @returns {string} */
export function messageOf(error) {
  return error instanceof Error ? error.message : String(error);
}
