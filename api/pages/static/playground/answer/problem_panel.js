// Shows why a job failed or was refused, and marks the line in the editor.

import { element } from "../../common/dom.js";
import { visibleText } from "../../common/format.js";
import { copyButton } from "../../common/saving.js";
import { lineButton, tracebackNodes } from "./traceback.js";
import { problemHeading, tryAgain } from "./descriptions.js";

/** Characters of a message that are shown. */
const MESSAGE_MOST = 20_000;

export class ProblemPanel {
  /**
   * @param {HTMLElement} place
   * @param {import("../editor/editor.js").Editor} editor
   */
  constructor(place, editor) {
    this.place = place;
    this.editor = editor;
    this.clear();
  }

  clear() {
    this.place.replaceChildren();
    this.place.hidden = true;
    this.editor.clearMarks();
  }

  /** @param {import("../../common/types.js").Job} job */
  show(job) {
    this.clear();
    if (job.error) this.#say(job.error);
  }

  /** @param {import("../../common/service.js").ServiceError} error */
  showRefusal(error) {
    this.#say({ ...error, message: `${error.message}${tryAgain(error.retryAfter)}` });
  }

  /** @param {{type: string, message: string, line?: number | null, traceback?: string | null}} problem */
  #say({ type, message, line, traceback }) {
    const goToLine = (number) => this.editor.goToLine(number);
    const text = visibleText(message.slice(0, MESSAGE_MOST));
    const tools = element("span", { class: "tools" });
    if (line) tools.append(lineButton(`Go to line ${line}`, () => goToLine(line)));
    if (traceback) tools.append(copyButton("Copy", () => traceback));
    this.place.append(
      element("div", { class: "heading" }, element("h2", {}, problemHeading(type)), tools),
      element("p", { class: "message" }, text),
    );
    if (traceback) {
      const attributes = { id: "traceback", tabindex: 0, role: "region", "aria-label": "Traceback" };
      this.place.append(element("pre", attributes, ...tracebackNodes(traceback, goToLine)));
    }
    this.place.hidden = false;
    if (line) this.editor.markLine(line, message);
  }
}
