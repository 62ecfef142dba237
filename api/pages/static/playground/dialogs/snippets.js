// The dialog with code that sends the same request from another program.

import { byId, element } from "../../common/dom.js";
import { CopyBox } from "./copy_box.js";
import { makeDialog } from "./dialog.js";
import { FieldError } from "../request/field_error.js";
import { curlSnippet, mcpSnippet, pythonSnippet } from "./snippet_texts.js";

const KINDS = [
  { kind: "curl", label: "curl", make: curlSnippet, about: "Runs the script and prints the answer, in a POSIX shell." },
  { kind: "python", label: "Python client", make: pythonSnippet, about: "Needs the package python-executor-client." },
  { kind: "mcp", label: "MCP config", make: (_submission, base) => mcpSnippet(base),
    about: "Gives a language model the tool run_python. Write the full path of pyexec, and your API key if the service has keys." },
];

export class Snippets {
  /** @param {import("../composer.js").Composer} composer */
  constructor(composer) {
    this.composer = composer;
    /** @type {import("../../common/types.js").Submission} */
    this.submission = { script: "", mode: "program" };
    this.box = new CopyBox("snippet", "Code", 16);
    this.about = element("p", { class: "hint" });
    this.radios = KINDS.map(({ kind }, index) =>
      element("input", { type: "radio", name: "snippet-kind", value: kind, checked: index === 0, onchange: () => this.#show() }));
    this.dialog = makeDialog("snippets-dialog", "This request as code",
      element("fieldset", { class: "choice" }, element("legend", { class: "visually-hidden" }, "Kind of code"),
        ...KINDS.map(({ label }, index) => element("label", {}, this.radios[index], label))),
      this.about, this.box.element);
    byId("snippets").addEventListener("click", () => this.#open());
  }

  async #open() {
    try {
      this.submission = await this.composer.read();
    } catch (error) {
      // The form shows the error.
      if (error instanceof FieldError) return;
      throw error;
    }
    this.#show();
    this.dialog.showModal();
  }

  #show() {
    const { make, about } = KINDS[this.radios.findIndex((radio) => radio.checked)];
    // The service can be below a prefix of a proxy.
    const base = new URL("./", location.href).href.replace(/\/$/, "");
    this.box.show(make(this.submission, base));
    this.about.textContent = about;
  }
}
