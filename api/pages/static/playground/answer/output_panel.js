// Shows stdout and stderr of the script, each by itself, while it runs.

import { element } from "../../common/dom.js";
import { StreamView } from "./stream_view.js";

export class OutputPanel {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.views = { stdout: new StreamView("stdout"), stderr: new StreamView("stderr") };
    const views = Object.values(this.views).map((view) => view.element);
    place.append(element("h2", {}, "Output"), element("div", { class: "streams" }, ...views));
    this.clear();
  }

  clear() {
    this.place.hidden = true;
    for (const view of Object.values(this.views)) view.clear();
  }

  /**
   * @param {"stdout" | "stderr"} stream
   * @param {string} text
   */
  append(stream, text) {
    this.place.hidden = false;
    this.views[stream].append(text);
  }

  /** @param {import("../../common/types.js").Job} job */
  show(job) {
    this.place.hidden = false;
    for (const [name, view] of Object.entries(this.views)) view.end(job[name] ?? "", job.truncated[name]);
  }
}
