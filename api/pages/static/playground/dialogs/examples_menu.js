// The dialog with examples to start from.

import { byId, element } from "../../common/dom.js";
import { makeDialog } from "./dialog.js";

/**
 * @typedef {object} Example
 * @property {string} name
 * @property {string} title
 * @property {{environment: string, sandboxes: string[]}} needs
 * @property {import("../../common/types.js").Submission} submission
 */

export class ExamplesMenu {
  /** @param {import("../composer.js").Composer} composer */
  constructor(composer) {
    this.composer = composer;
    /** @type {Example[] | null} They are loaded when they are first looked at. */
    this.examples = null;
    this.list = element("ul", { class: "examples" });
    this.said = element("p", { role: "status", class: "quiet" });
    this.dialog = makeDialog("examples-dialog", "Examples", this.said, this.list);
    byId("examples").addEventListener("click", () => this.#open());
  }

  async #open() {
    this.dialog.showModal();
    this.said.textContent = "Loading.";
    try {
      this.examples ??= await load();
      this.said.textContent = "An example replaces the script and the form. You can undo that.";
    } catch {
      this.said.textContent = "The examples cannot be loaded. Close this dialog, and try again.";
    }
    await this.composer.form.environment.loaded;
    this.list.replaceChildren(...(this.examples ?? []).map((example) => this.#item(example)));
    this.list.querySelector("button")?.focus();
  }

  /** @param {Example} example */
  #item(example) {
    const { name, title, needs } = example;
    const missing = this.composer.form.environment.lacks(needs.environment);
    const notes = [
      missing ? `This service has no environment ${needs.environment}.` : "",
      needs.sandboxes.includes("restricted") ? "" : "Needs nsjail.",
    ].filter(Boolean).join(" ");
    const id = `example-${name}`;
    // The titles are docstrings: code is between backticks.
    const parts = title.split("`").map((text, index) => (index % 2 ? element("code", {}, text) : text));
    const about = element("span", { id, class: "quiet" }, ...parts, ` ${notes}`);
    const button = element(
      "button", { type: "button", disabled: missing, "aria-describedby": id, onclick: () => this.#choose(example) },
      name.replaceAll("_", " "),
    );
    return element("li", {}, button, about);
  }

  #choose({ name, submission }) {
    this.dialog.close();
    this.composer.replace(submission, `This is the example ${name.replaceAll("_", " ")}.`);
  }
}

/** @returns {Promise<Example[]>} */
async function load() {
  const response = await fetch(new URL("../examples.json", import.meta.url));
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
}
