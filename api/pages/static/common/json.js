// JSON whose integers are exact. A number of JavaScript has 53 bits, one of Python as many as it needs.

/**
 * Parse JSON. An integer that a number cannot hold is a bigint, where the browser can tell.
 *
 * @param {string} text
 * @returns {any}
 */
export function parseJson(text) {
  return JSON.parse(text, /** @type {any} */ (exact));
}

/**
 * Return a value of `parseJson` as JSON, with indentation.
 *
 * @param {any} value
 * @returns {string}
 */
export function formatJson(value) {
  const raw = /** @type {any} */ (JSON).rawJSON;
  return JSON.stringify(value, (_name, part) => (typeof part === "bigint" ? raw(String(part)) : part), 2);
}

function exact(_name, value, context) {
  if (typeof value !== "number" || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  return /^-?\d+$/.test(context?.source ?? "") ? BigInt(context.source) : value;
}
