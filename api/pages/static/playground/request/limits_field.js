// The fields for limits. An empty one is not sent: the service has a default.

import { element } from "../../common/dom.js";
import { facts } from "../../common/service.js";
import { FieldBox } from "./field_box.js";
import { FieldError } from "./field_error.js";

const LIMITS = {
  timeout: { label: "Time, seconds", short: "time", unit: " s", step: "any" },
  cpu: { label: "CPU, seconds", short: "CPU", unit: " s", step: "any" },
  memory_mb: { label: "Memory, MB", short: "memory", unit: " MB", step: 1 },
  processes: { label: "Processes", short: "processes", unit: "", step: 1 },
};

export class LimitsField {
  name = "limits";

  constructor() {
    this.boxes = new Map(Object.entries(LIMITS).map(([name, { label, step }]) => {
      const { default: placeholder, least: min, most: max } = facts.limits[name];
      const input = element("input", { id: `field-${name}`, type: "number", inputmode: "decimal", placeholder, min, max, step });
      const box = new FieldBox(input, label, `${min} to ${max}`);
      input.addEventListener("input", () => box.showProblem(""));
      return [name, box];
    }));
    this.element = element("div", { class: "limits" }, ...[...this.boxes.values()].map((box) => box.element));
  }

  /** @returns {{limits?: Record<string, number>}} */
  read() {
    const limits = {};
    for (const name of this.boxes.keys()) {
      const value = this.#read(name);
      if (value !== undefined) limits[name] = value;
    }
    return Object.keys(limits).length ? { limits } : {};
  }

  /** @param {import("../../common/types.js").Submission} submission */
  write({ limits = {} }) {
    this.draft = Object.fromEntries([...this.boxes.keys()].map((name) => [name, String(limits[name] ?? "")]));
  }

  get draft() {
    return Object.fromEntries([...this.boxes].map(([name, box]) => [name, inputOf(box).value]));
  }

  set draft(texts) {
    for (const [name, box] of this.boxes) inputOf(box).value = texts[name];
    this.clearProblem();
  }

  get summary() {
    return [...this.boxes]
      .filter(([, box]) => inputOf(box).value)
      .map(([name, box]) => `${LIMITS[name].short} ${inputOf(box).value}${LIMITS[name].unit}`)
      .join(", ");
  }

  /**
   * @param {string} path
   * @param {string} message
   * @returns {HTMLElement}
   */
  showProblem(path, message) {
    const box = this.boxes.get(path.replace(/^limits\.?/, "")) ?? this.boxes.get("timeout");
    box?.showProblem(message);
    return /** @type {FieldBox} */ (box).control;
  }

  clearProblem() {
    for (const box of this.boxes.values()) box.showProblem("");
  }

  #read(name) {
    const input = inputOf(/** @type {FieldBox} */ (this.boxes.get(name)));
    const { least, most } = facts.limits[name];
    if (input.validity.badInput) throw new FieldError(`limits.${name}`, "This must be a number.");
    if (!input.value) return undefined;
    const value = input.valueAsNumber;
    if (value < least || value > most) throw new FieldError(`limits.${name}`, `This must be from ${least} to ${most}.`);
    if (input.step === "1" && !Number.isInteger(value)) {
      throw new FieldError(`limits.${name}`, "This must be a whole number.");
    }
    return value;
  }
}

/** @param {FieldBox} box @returns {HTMLInputElement} */
function inputOf(box) {
  return /** @type {HTMLInputElement} */ (box.control);
}
