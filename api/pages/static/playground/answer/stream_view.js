// One output of the script. It keeps all of the text and shows its end: a megabyte of lines makes a page slow.

import { element } from "../../common/dom.js";
import { visibleText } from "../../common/format.js";
import { copyButton, saveFile } from "../../common/saving.js";

/** Characters that are shown at most. */
const SHOWN_MOST = 200_000;

/**
 * A block of lines ends with the first line after so many characters, or within a line after twice as many. Layout is done
 * again only for the block that grows.
 */
const BLOCK = 10_000;

/** Pixels from the end within which the view counts as at its end. */
const NEAR = 8;

export class StreamView {
  /** @param {"stdout" | "stderr"} name */
  constructor(name) {
    this.name = name;
    /** @type {string[]} */
    this.parts = [];
    /** @type {string[]} */
    this.waiting = [];
    /** @type {Text | null} */
    this.block = null;
    this.shown = 0;
    this.length = 0;
    this.cut = false;
    this.ended = false;
    this.text = element("pre", { id: name, tabindex: 0, role: "region", "aria-label": name });
    this.size = element("span", { class: "quiet" });
    this.note = element("p", { class: "quiet note" });
    this.empty = element("p", { class: "quiet" }, "Nothing printed.");
    this.tools = element(
      "span", { class: "tools" },
      copyButton("Copy", () => this.all()),
      element("button", { type: "button", class: "plain", onclick: () => saveFile(this.all(), `${name}.txt`) }, "Download"),
    );
    this.element = element(
      "section", { class: `stream ${name}`, "aria-label": `Output: ${name}` },
      element("div", { class: "heading" }, element("h3", {}, name), this.size, this.tools),
      this.note, this.empty, this.text,
    );
    this.frame = 0;
    this.clear();
  }

  clear() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    this.parts = [];
    this.waiting = [];
    this.block = null;
    this.shown = 0;
    this.length = 0;
    this.cut = false;
    this.ended = false;
    this.text.replaceChildren();
    this.#describe();
  }

  /** @returns {string} All of it, as the script wrote it. */
  all() {
    return this.parts.join("");
  }

  /** @param {string} text What the script has written now. It is shown with the next frame. */
  append(text) {
    this.parts.push(text);
    this.waiting.push(text);
    this.length += text.length;
    this.frame ||= requestAnimationFrame(() => this.#flush());
  }

  /**
   * Show the final text. If it is the text so far, the elements and the scroll position stay.
   *
   * @param {string} text
   * @param {boolean} truncated Whether the service has cut it.
   */
  end(text, truncated) {
    if (this.all() !== text) {
      this.clear();
      if (text) this.append(text);
    }
    this.cut = truncated;
    this.ended = true;
    this.#flush();
  }

  #flush() {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    const atEnd = this.text.scrollTop + this.text.clientHeight >= this.text.scrollHeight - NEAR;
    this.#add(visibleText(lastOf(this.waiting.join(""))));
    this.waiting = [];
    this.#describe();
    if (atEnd) this.text.scrollTop = this.text.scrollHeight;
  }

  #add(text) {
    for (let start = 0; start < text.length; ) {
      this.block ??= this.#beginBlock();
      const room = 2 * BLOCK - this.block.length;
      const part = text.slice(start, start + room);
      const newline = part.indexOf("\n", Math.max(BLOCK - this.block.length, 0));
      const end = newline < 0 ? part.length : newline + 1;
      this.block.appendData(part.slice(0, end));
      start += end;
      if (newline >= 0 || end === room) this.block = null;
    }
    this.shown += text.length;
    while (this.shown > SHOWN_MOST) {
      const first = this.text.firstChild.firstChild;
      const excess = Math.min(this.shown - SHOWN_MOST, first.length);
      if (excess === first.length) this.text.firstChild.remove();
      else first.deleteData(0, excess);
      this.shown -= excess;
    }
  }

  #beginBlock() {
    const block = document.createTextNode("");
    this.text.append(element("span", { class: "block" }, block));
    return block;
  }

  #describe() {
    const notes = [];
    const length = this.length.toLocaleString("en");
    if (this.length > SHOWN_MOST) {
      notes.push(`The last ${SHOWN_MOST.toLocaleString("en")} characters. Download saves all of it.`);
    }
    if (this.cut) notes.push("The service has cut this output at its limit.");
    this.note.textContent = notes.join(" ");
    this.note.hidden = notes.length === 0;
    this.size.textContent = this.length ? `${length} characters` : "";
    this.text.hidden = this.length === 0;
    this.empty.hidden = this.length > 0 || !this.ended;
    this.tools.hidden = this.length === 0;
  }
}

/** Return the end of a text, as much as can be shown, without a half of a pair at its start. */
function lastOf(text) {
  const end = text.slice(-SHOWN_MOST);
  return end.length < text.length ? end.replace(/^[\udc00-\udfff]/, "") : end;
}
