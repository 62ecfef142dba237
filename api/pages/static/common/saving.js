// Buttons that copy a text, or save bytes as a file.

import { element } from "./dom.js";

/** Milliseconds that a button says what it has done. */
const SAID = 2000;

/**
 * Make a button that copies a text.
 *
 * @param {string} label
 * @param {() => string} text
 * @returns {HTMLButtonElement}
 */
export function copyButton(label, text) {
  const button = element("button", { type: "button", class: "plain", onclick: copy }, label);
  async function copy() {
    button.textContent = (await copyText(text())) ? "Copied" : "Not copied";
    setTimeout(() => { button.textContent = label; }, SAID);
  }
  return button;
}

/**
 * Let the browser save bytes as a file. Their type keeps every browser from showing them.
 *
 * @param {BlobPart} bytes
 * @param {string} name
 */
export function saveFile(bytes, name) {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  element("a", { href: url, download: name }).click();
  // The browser reads the bytes after the click has returned.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Copy a text. Over plain HTTP browsers have no clipboard for pages, only the command that copies a selection. */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const field = element("textarea", { class: "visually-hidden", "aria-hidden": "true" });
    field.value = text;
    document.body.append(field);
    field.select();
    const copied = document.execCommand("copy");
    field.remove();
    if (focused instanceof HTMLElement) focused.focus();
    return copied;
  }
}
