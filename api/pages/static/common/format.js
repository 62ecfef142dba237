// Numbers, times and text for people.

/** @param {number} bytes @returns {string} Such as "9.4 MB". Units are decimal. */
export function formatBytes(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toPrecision(3)} kB`;
  return `${(bytes / 1e6).toPrecision(3)} MB`;
}

/** @param {number} ms Milliseconds. @returns {string} Such as "1.9 ms" or "2.4 s". */
export function formatDuration(ms) {
  return ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : `${Number((ms / 1000).toPrecision(3))} s`;
}

/**
 * Return text that shows its control characters. Otherwise an escape sequence or an override of the writing direction
 * could make a line look like another.
 *
 * @param {string} text
 * @returns {string}
 */
export function visibleText(text) {
  return text
    .replace(/\r\n/g, "\n")
    .replace(/[\x00-\x08\x0b-\x1f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
    .replace(/\x7f/g, "␡")
    .replace(/[\x80-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g, "\ufffd");
}
