// The field for the files that the script finds in its folder. They are chosen with a button, or dropped anywhere on the page.

import { element } from "../../common/dom.js";
import { formatBytes, visibleText } from "../../common/format.js";
import { FieldError } from "./field_error.js";
import { attached, FILES, FILES_BYTES, pathFault, readFile } from "./file_contents.js";
import { count } from "./input_fields.js";

/** @typedef {import("./file_contents.js").Attached} Attached */

const BOUNDS = `A request can have ${FILES} files of 8 MB together`;

export class FilesField {
  name = "files";

  /** @param {() => void} onChange Called when files come, go, or get another path. */
  constructor(onChange) {
    this.onChange = onChange;
    /** @type {Attached[]} */
    this.files = [];
    this.chooser = element("input", { type: "file", multiple: true, hidden: true, "aria-label": "Choose files" });
    this.chooser.addEventListener("change", async () => {
      await this.add([...this.chooser.files]);
      // The same file can be chosen again.
      this.chooser.value = "";
    });
    this.button = element(
      "button", { type: "button", id: "field-files", "aria-describedby": "field-files-problem field-files-hint",
        onclick: () => this.chooser.click() }, "Add files…",
    );
    this.list = element("ul", { class: "files", "aria-label": "Files" });
    this.problem = element("p", { class: "bad", id: "field-files-problem", role: "status" });
    this.hint = element("p", { class: "hint", id: "field-files-hint" }, "Or drop files anywhere on this page. The script finds them in its folder.");
    this.element = element("div", { class: "field" }, this.list, this.problem, this.button, this.chooser, this.hint);
  }

  /**
   * Add files. A file with the path of another replaces it.
   *
   * @param {File[]} given
   */
  async add(given) {
    this.#say("");
    const files = [...this.files];
    for (const file of given) {
      const size = files.reduce((total, each) => total + (each.path === file.name ? 0 : each.size), file.size);
      if (size > FILES_BYTES) return this.#stop(files, `${BOUNDS}: ${visibleText(file.name)} does not fit.`);
      let read;
      try {
        read = await readFile(file);
      } catch {
        return this.#stop(files, `${visibleText(file.name)} cannot be read. A folder cannot be added: add its files.`);
      }
      const index = files.findIndex((each) => each.path === read.path);
      if (index < 0 && files.length === FILES) return this.#stop(files, `${BOUNDS}: ${visibleText(file.name)} does not fit.`);
      files[index < 0 ? files.length : index] = read;
    }
    this.#show(files);
  }

  /** @returns {{files?: {path: string, content: string, encoding?: "base64"}[]}} */
  read() {
    const paths = new Set();
    let size = 0;
    for (const [index, { path, size: bytes }] of this.files.entries()) {
      const fault = pathFault(path) || (paths.has(path) ? "Another file has this path." : "");
      if (fault) throw new FieldError(`files[${index}].path`, fault);
      paths.add(path);
      size += bytes;
    }
    if (this.files.length > FILES || size > FILES_BYTES) throw new FieldError("files", `${BOUNDS}.`);
    if (!this.files.length) return {};
    return {
      files: this.files.map(({ path, content, encoding }) =>
        encoding === "base64" ? { path, content, encoding } : { path, content }),
    };
  }

  /** @param {import("../../common/types.js").Submission} submission */
  write({ files = [] }) {
    this.draft = files.map(attached);
  }

  get draft() {
    return this.files.map((file) => ({ ...file }));
  }

  set draft(files) {
    this.#say("");
    this.#show(files);
  }

  get summary() {
    const size = this.files.reduce((total, file) => total + file.size, 0);
    return this.files.length ? `${count(this.files.length, "file")}, ${formatBytes(size)}` : "";
  }

  /**
   * @param {string} path
   * @param {string} message
   * @returns {HTMLElement}
   */
  showProblem(path, message) {
    const index = Number(/^files\[(\d+)\]/.exec(path)?.[1] ?? -1);
    const row = this.list.children[index];
    if (!row) {
      this.#say(message);
      return this.button;
    }
    const input = row.querySelector("input");
    sayAt(input, message);
    return input;
  }

  clearProblem() {
    this.#say("");
    for (const input of this.list.querySelectorAll("input")) sayAt(input, "");
  }

  #say(text) {
    this.problem.textContent = text;
  }

  #stop(files, message) {
    this.#show(files);
    this.#say(message);
  }

  #show(files) {
    this.files = files;
    this.list.replaceChildren(...files.map((file, index) => this.#row(file, index)));
    this.list.hidden = !files.length;
    this.onChange();
  }

  #row(file, index) {
    const problem = element("p", { class: "bad", id: `file-${index}-problem`, hidden: true });
    const input = element("input", {
      "aria-label": `Path of file ${index + 1}`, "aria-describedby": problem.id, value: file.path, spellcheck: "false",
      autocapitalize: "off",
    });
    input.addEventListener("input", () => {
      file.path = input.value;
      sayAt(input, pathFault(file.path));
      this.onChange();
    });
    const remove = element(
      "button", { type: "button", class: "plain", "aria-label": `Remove ${visibleText(file.path)}`,
        onclick: () => this.#remove(file) }, "Remove",
    );
    return element("li", {}, input, element("span", { class: "quiet size" }, formatBytes(file.size)), remove, problem);
  }

  #remove(file) {
    this.#say("");
    this.#show(this.files.filter((each) => each !== file));
    this.button.focus();
  }
}

function sayAt(input, message) {
  const problem = input.parentElement.querySelector("p");
  problem.textContent = message;
  problem.hidden = !message;
  if (message) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}
