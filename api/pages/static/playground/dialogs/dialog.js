// A dialog with a heading and a button that closes it. Escape closes it too, and the focus goes back.

import { element } from "../../common/dom.js";

/**
 * @param {string} id
 * @param {string} title
 * @param {...(Node | string)} children
 * @returns {HTMLDialogElement}
 */
export function makeDialog(id, title, ...children) {
  const heading = element("h2", { id: `${id}-title` }, title);
  const close = element("button", { type: "button", onclick: () => dialog.close() }, "Close");
  const dialog = element(
    "dialog", { id, "aria-labelledby": heading.id }, element("header", {}, heading, close), ...children,
  );
  // A click outside of its content closes it.
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  document.body.append(dialog);
  return dialog;
}
