// Submissions from a link or from the storage of the browser. They are untrusted.

/** @typedef {import("../../common/types.js").Submission} Submission */

const FIELDS = {
  script: isString,
  mode: (value) => value === "main" || value === "program",
  inputs: (value) => isPlain(value) && depth(value) <= DEPTH,
  argv: (value) => Array.isArray(value) && value.every(isString),
  stdin: isString,
  environment: (value) => isString(value) && value.length <= 200,
  files: (value) => Array.isArray(value) && value.length <= 64 && value.every(isFile),
  artifacts: (value) => Array.isArray(value) && value.every(isString),
  limits: (value) => isPlain(value) && Object.entries(value).every(([name, limit]) => LIMITS.includes(name) && Number.isFinite(limit)),
};
/** How deep inputs may be nested. Indents of deeper ones would fill the memory. */
const DEPTH = 100;
const LIMITS = ["timeout", "cpu", "memory_mb", "processes"];
const FILE = ["path", "content", "encoding"];

/**
 * Return a submission, made only of known fields with the right types.
 *
 * @param {unknown} value
 * @returns {Submission}
 * @throws {Error} It is not a submission. The message names the fault, and contains nothing of the value.
 */
export function readSubmission(value) {
  if (!isPlain(value)) throw new Error("it has no submission");
  const given = /** @type {Record<string, any>} */ (value);
  if (!Object.keys(given).every((name) => Object.hasOwn(FIELDS, name))) throw new Error("it has an unknown field");
  if (!Object.hasOwn(given, "script")) throw new Error("it has no script");
  const read = { mode: "main" };
  for (const [name, fits] of Object.entries(FIELDS)) {
    if (!Object.hasOwn(given, name)) continue;
    if (!fits(given[name])) throw new Error(`its field ${name} is not valid`);
    read[name] = given[name];
  }
  return /** @type {Submission} */ (/** @type {unknown} */ (read));
}

function isString(value) {
  return typeof value === "string";
}

/** A number that is kept as its text is an object with a null prototype. */
function isPlain(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** Return how deep a value is nested, or a number above the most that is allowed. */
function depth(value, above = 0) {
  if (above > DEPTH || typeof value !== "object" || value === null) return above;
  return Object.values(value).reduce((most, each) => Math.max(most, depth(each, above + 1)), above + 1);
}

function isFile(value) {
  return isPlain(value) && Object.keys(value).every((name) => FILE.includes(name)) && isString(value.path) &&
    isString(value.content) && ["utf-8", "base64", undefined].includes(value.encoding);
}
