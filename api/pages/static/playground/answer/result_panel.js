// Shows the result of `main()`.

import { element } from "../../common/dom.js";
import { formatJson } from "../../common/json.js";
import { copyButton, saveFile } from "../../common/saving.js";
import { jsonTree } from "./json_tree.js";

export class ResultPanel {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.clear();
  }

  clear() {
    this.place.replaceChildren();
    this.place.hidden = true;
  }

  /** @param {import("../../common/types.js").Job} job */
  show(job) {
    this.clear();
    if (job.result === null) return;
    const text = () => formatJson(job.result);
    const tools = element(
      "span", { class: "tools" },
      copyButton("Copy", text),
      element("button", { type: "button", class: "plain", onclick: () => saveFile(text(), "result.json") }, "Download"),
    );
    this.place.append(
      element("div", { class: "heading" }, element("h2", {}, "Result"), tools),
      element("div", { class: "json" }, jsonTree(job.result, { open: 2 })),
    );
    this.place.hidden = false;
  }
}
