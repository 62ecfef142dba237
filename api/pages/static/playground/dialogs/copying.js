// Copies text for other programs.

/**
 * @param {HTMLTextAreaElement} area Holds the text, which stays selected: a person can copy it by hand if this fails.
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
