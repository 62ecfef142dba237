// Why a job failed or was refused: its line is marked in the editor.

import { element } from "../common/dom.js";
import { visibleText } from "../common/format.js";

export class ProblemPanel {
  /**
   * @param {HTMLElement} place
   * @param {import("./editor.js").Editor} editor
   */
  constructor(place, editor) {
    this.place = place;
    this.editor = editor;
  }

  clear() {
    this.place.replaceChildren();
    this.editor.clearMarks();
  }

  /** @param {import("../common/types.js").Job} job */
  show(job) {
    if (job.error) this.#say(job.error);
  }

  /** @param {import("../common/service.js").ServiceError} error */
  showRefusal(error) {
    this.#say(error);
  }

  /** @param {import("../common/types.js").JobError} error */
  #say({ type, message, line, traceback = "" }) {
    const shown = [element("p", { class: "bad" }, `${type}: ${visibleText(message)}`)];
    if (traceback) shown.push(element("pre", {}, visibleText(traceback)));
    this.place.replaceChildren(...shown);
    if (line) this.editor.markLine(line, message);
  }
}
