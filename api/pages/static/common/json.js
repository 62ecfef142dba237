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

/** The longest JSON that is indented, in characters. Indents could make it a hundred times as long. */
const INDENTED = 200_000;

/**
 * Return a value of `parseJson` as JSON: with indentation, or on one line if it is long.
 *
 * @param {any} value
 * @returns {string}
 */
export function formatJson(value) {
  const raw = /** @type {any} */ (JSON).rawJSON;
  const write = (indent) =>
    JSON.stringify(value, (_name, part) => (typeof part === "bigint" ? raw(String(part)) : part), indent);
  const line = write(0);
  return line.length > INDENTED ? line : write(2);
}

function exact(_name, value, context) {
  if (typeof value !== "number" || Math.abs(value) <= Number.MAX_SAFE_INTEGER) return value;
  return /^-?\d+$/.test(context?.source ?? "") ? BigInt(context.source) : value;
}
