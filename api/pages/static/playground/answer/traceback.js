// A traceback, with buttons that lead to the lines of the script.

import { element } from "../../common/dom.js";
import { visibleText } from "../../common/format.js";

/** A line of a traceback that names a line of the script. The script is always this file. */
const FRAME = /^(\s*File "(?:\/tmp\/)?script\.py", )(line (\d{1,9}))(.*)$/;

/** Characters of a traceback that are shown. */
const SHOWN_MOST = 100_000;

/** Lines that get a button. */
const BUTTONS_MOST = 1000;

/**
 * Return a traceback as nodes.
 *
 * @param {string} text
 * @param {(line: number) => void} goToLine
 * @returns {(Node | string)[]}
 */
export function tracebackNodes(text, goToLine) {
  const nodes = [];
  let plain = "";
  let buttons = 0;
  for (const line of visibleText(text.slice(0, SHOWN_MOST)).split("\n")) {
    const frame = buttons < BUTTONS_MOST ? FRAME.exec(line) : null;
    if (frame) {
      const [, before, label, number, after] = frame;
      nodes.push(plain + before, lineButton(label, () => goToLine(Number(number))));
      plain = `${after}\n`;
      buttons += 1;
    } else {
      plain += `${line}\n`;
    }
  }
  return [...nodes, plain.slice(0, -1)];
}

/**
 * @param {string} label
 * @param {() => void} go
 * @returns {HTMLButtonElement}
 */
export function lineButton(label, go) {
  return element("button", { type: "button", class: "plain line", onclick: go }, label);
}
