// The files that the script has left.

import { element } from "../../common/dom.js";
import { ArtifactView } from "./artifact_view.js";

/** Pixels that all pictures of a job may have together. A browser keeps four bytes of each in memory. */
const PIXELS_TOGETHER = 100_000_000;

export class ArtifactsPanel {
  /**
   * @param {HTMLElement} place
   * @param {import("../../common/service.js").Service} service
   */
  constructor(place, service) {
    this.place = place;
    this.service = service;
    /** @type {ArtifactView[]} */
    this.views = [];
    this.clear();
  }

  clear() {
    for (const view of this.views) view.close();
    this.views = [];
    this.place.replaceChildren();
    this.place.hidden = true;
  }

  /** @param {import("../../common/types.js").Job} job */
  show(job) {
    this.clear();
    if (job.artifacts.length === 0) return;
    let room = PIXELS_TOGETHER;
    const takePixels = (pixels) => {
      if (pixels > room) return false;
      room -= pixels;
      return true;
    };
    this.views = job.artifacts.map(
      (artifact) => new ArtifactView(artifact, () => this.service.artifact(job.id, artifact.path), takePixels),
    );
    const items = this.views.map((view) => view.element);
    this.place.append(element("h2", {}, "Files"), element("ul", { class: "artifacts" }, ...items));
    if (job.artifacts_truncated) {
      this.place.append(element("p", { class: "quiet" }, "The script may have left more files than the service lists."));
    }
    this.place.hidden = false;
  }
}
