// What `main()` returned.

import { element } from "../common/dom.js";
import { visibleText } from "../common/format.js";

export class ResultPanel {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  clear() {
    this.place.replaceChildren();
  }

  /** @param {import("../common/types.js").Job} job */
  show(job) {
    this.clear();
    if (job.result) this.place.append(element("pre", {}, visibleText(JSON.stringify(job.result, null, 2))));
  }
}
