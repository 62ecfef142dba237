// Parses JSON that a person writes. It reports the place of an error, and keeps numbers exactly as they are written.
//
// Python tells 1.0 from 1, and has integers of any size. A number that JavaScript would change is kept as its text, which
// JSON.stringify writes as it is (JSON.rawJSON). A browser without that refuses integers that it would change.

const VALUE = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
/** The longest JSON that is shown with indents, in characters. */
const INDENTED = 20_000;
const PUNCTUATION = "{}[]:,";

/** A text that is no JSON. The message begins with its line and column. */
export class JsonError extends Error {
  /**
   * @param {string} text
   * @param {number} offset Where it is wrong.
   * @param {string} message
   */
  constructor(text, offset, message) {
    const before = text.slice(0, offset).split("\n");
    super(`Line ${before.length}, column ${(before.at(-1) ?? "").length + 1}: ${message}`);
  }
}

/**
 * @param {string} text
 * @returns {any}
 * @throws {JsonError}
 */
export function parseJson(text) {
  const { rawJSON } = /** @type {any} */ (JSON);
  try {
    return /** @type {any} */ (JSON.parse)(text, (_name, value, context) => {
      if (typeof value !== "number" || String(value) === context?.source) return value;
      if (rawJSON) return rawJSON(context.source);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new Inexact();
      return value;
    });
  } catch (error) {
    if (error instanceof SyntaxError) throw locate(text);
    if (error instanceof Inexact) throw new JsonError(text, 0, "this browser cannot send one of the numbers exactly.");
    throw error;
  }
}

/**
 * Return JSON on many lines, or on one where indents could make it many times as long.
 *
 * @param {any} value
 * @returns {string}
 */
export function prettyJson(value) {
  const line = JSON.stringify(value);
  return line.length > INDENTED ? line : JSON.stringify(value, null, 2);
}

class Inexact extends Error {}

/** Return the first error of a text that is no JSON. */
function locate(text) {
  const open = [];
  let expected = "a value";
  let at = 0;
  const wrong = (message = `${expected} is expected.`) => new JsonError(text, at, message);
  for (;;) {
    while (" \t\n\r".includes(text[at] ?? "x")) at += 1;
    const character = text[at];
    if (character === undefined) return wrong(open.length ? `${open.at(-1)} is not closed.` : undefined);
    const isValue = expected.includes("a value");
    if (expected === "nothing more") return wrong();
    if (PUNCTUATION.includes(character)) {
      if (isValue && "{[".includes(character)) {
        open.push(character);
        expected = character === "{" ? "a name in double quotes, or }" : "a value, or ]";
      } else if ("}]".includes(character) && expected.endsWith(character)) {
        open.pop();
        expected = afterValue(open);
      } else if (character === "," && expected.startsWith("a comma")) {
        expected = open.at(-1) === "{" ? "a name in double quotes" : "a value";
      } else if (character === ":" && expected === "a colon") {
        expected = "a value";
      } else return wrong();
      at += 1;
      continue;
    }
    if (character === "'") return wrong("a string has double quotes.");
    if (character === '"') {
      if (!isValue && !expected.startsWith("a name")) return wrong();
      const { end, fault } = stringEnd(text, at);
      at = end;
      if (fault) return wrong(fault);
    } else {
      if (!isValue) return wrong();
      VALUE.lastIndex = at;
      const found = VALUE.exec(text);
      if (!found) return wrong("a value is expected: a string in double quotes, a number, true, false, null, [ or {.");
      at += found[0].length;
    }
    expected = isValue ? afterValue(open) : "a colon";
  }
}

function afterValue(open) {
  if (!open.length) return "nothing more";
  return open.at(-1) === "{" ? "a comma, or }" : "a comma, or ]";
}

/** Return where the string that begins at an index ends, or where it is wrong. */
function stringEnd(text, start) {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '"') return { end: at + 1, fault: "" };
    if (text[at] < " ") return { end: at, fault: "a string cannot have a line end or a control character: write \\n." };
    if (text[at] === "\\") {
      if (!/^(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/.test(text.slice(at + 1, at + 6))) {
        return { end: at, fault: "this escape is not known: a backslash is written as \\\\." };
      }
      at += 1;
    }
  }
  return { end: start, fault: "this string is not closed." };
}
