// Copies text for other programs.

/**
 * @param {HTMLTextAreaElement} area Holds the text. It is left selected, so that a person can copy it where this fails.
 * @returns {Promise<boolean>} Whether it was copied.
 */
export async function copyFrom(area) {
  area.focus();
  area.select();
  try {
    // Pages without TLS have no clipboard.
    if (navigator.clipboard) {
      await navigator.clipboard.writeText(area.value);
      return true;
    }
  } catch {
    // The person or the browser does not allow it. The older way may still work.
  }
  return document.execCommand("copy");
}
