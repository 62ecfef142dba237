// What the script prints: stdout and stderr apart.

import { element } from "../common/dom.js";
import { visibleText } from "../common/format.js";

export class OutputPanel {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.texts = {};
    for (const stream of ["stdout", "stderr"]) {
      this.texts[stream] = element("pre", { id: stream, tabindex: 0, "aria-label": stream });
      place.append(element("h2", {}, stream), this.texts[stream]);
    }
  }

  clear() {
    for (const text of Object.values(this.texts)) text.textContent = "";
  }

  /**
   * @param {"stdout" | "stderr"} stream
   * @param {string} text
   */
  append(stream, text) {
    this.texts[stream].append(visibleText(text));
  }

  /** @param {import("../common/types.js").Job} job */
  show(job) {
    for (const stream of ["stdout", "stderr"]) this.texts[stream].textContent = visibleText(job[stream] ?? "");
  }
}
