// The field for the environment: the packages that the script can import.

import { element } from "../../common/dom.js";
import { visibleText } from "../../common/format.js";
import { facts, ServiceError } from "../../common/service.js";
import { FieldBox } from "./field_box.js";
import { count } from "./input_fields.js";

/** @type {{name: string, python: string, packages: {name: string, version: string}[]}} */
const STDLIB = { name: "stdlib", python: "", packages: [] };

export class EnvironmentField {
  name = "environment";

  /**
   * @param {import("../../common/service.js").Service} service
   * @param {import("../../common/key_field.js").KeyField} key
   */
  constructor(service, key) {
    this.service = service;
    this.key = key;
    /** The environments that the service has listed. */
    this.listed = [STDLIB];
    this.known = false;
    this.select = element("select", { id: "field-environment" });
    this.box = new FieldBox(this.select, "Environment");
    this.box.hint.setAttribute("role", "status");
    this.element = this.box.element;
    this.packages = element("ul", { class: "packages" });
    this.packagesGroup = element("details", { class: "packages-group" }, element("summary", {}, "Packages"), this.packages);
    this.element.append(this.packagesGroup);
    this.select.addEventListener("change", () => this.#describe());
    key.onChange(() => (this.loaded = this.load()));
    this.#fill("stdlib");
    /** @type {Promise<void>} Resolves when the service has answered or cannot be reached. */
    this.loaded = this.load();
  }

  /** Load the list. Where the service has keys, it needs one. */
  async load() {
    const asked = this.key.value;
    let listed = [STDLIB];
    let known = false;
    if (asked || !facts.keys) {
      try {
        listed = await this.service.environments();
        known = true;
      } catch (error) {
        if (!(error instanceof ServiceError)) throw error;
      }
    }
    // The person may have entered another key meanwhile.
    if (asked !== this.key.value) return;
    this.listed = listed;
    this.known = known;
    this.#fill(this.select.value);
  }

  /** @param {string} name @returns {boolean} Whether the service has said that it has no such environment. */
  lacks(name) {
    return this.known && !this.listed.some((environment) => environment.name === name);
  }

  /** @returns {{environment?: string}} */
  read() {
    return this.select.value === "stdlib" ? {} : { environment: this.select.value };
  }

  /** @param {import("../../common/types.js").Submission} submission */
  write({ environment = "stdlib" }) {
    this.draft = environment;
  }

  get draft() {
    return this.select.value;
  }

  set draft(name) {
    this.#fill(name);
  }

  get summary() {
    return "";
  }

  /** @param {string} _path @param {string} message @returns {HTMLElement} */
  showProblem(_path, message) {
    this.box.showProblem(message);
    return this.select;
  }

  clearProblem() {
    this.box.showProblem("");
  }

  /** Show the choices. The chosen one stays, even if the service lacks it: the person decides. */
  #fill(chosen) {
    const names = this.listed.map((environment) => environment.name);
    if (!names.includes(chosen)) names.push(chosen);
    this.select.replaceChildren(...names.map((name) =>
      element("option", { value: name }, visibleText(this.lacks(name) ? `${name} (not available)` : name))));
    this.select.value = chosen;
    this.#describe();
  }

  #describe() {
    const name = this.select.value;
    const found = this.listed.find((environment) => environment.name === name);
    const packages = found?.packages ?? [];
    this.box.showProblem(this.lacks(name) ? `This service has no environment ${visibleText(name)}. Choose another.` : "");
    this.box.showHint(this.#hint(found));
    this.packages.replaceChildren(...packages.map((one) => element("li", {}, `${one.name} ${one.version}`)));
    this.packagesGroup.hidden = !packages.length;
  }

  #hint(found) {
    if (facts.keys && !this.key.value) return "Enter the API key to see the environments.";
    if (!this.known) return "The list of environments could not be loaded.";
    if (!found) return "";
    const python = found.python ? `Python ${found.python}, ` : "";
    return `${python}${found.packages.length ? count(found.packages.length, "package") : "the standard library"}`;
  }
}
