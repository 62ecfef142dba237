// Words on one line or more, quoted as in a shell. Every string can be written, and nothing is expanded.
//
// - Blanks and line ends separate words. 'single quotes' keep everything, "double quotes" all but \" \\ \$ and \`.
// - Outside of quotes a backslash keeps the next character.
// - $'…' has the escapes \n \r \t \\ \' \" \xHH and \uHHHH, for characters that a text area cannot hold or show.

/** Characters that a word has without quotes. */
const PLAIN = /^[\p{L}\p{N}_@%+=:,./-]+$/u;
/** Characters that a text area changes, or that are invisible. */
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]/;
const ESCAPES = { n: "\n", r: "\r", t: "\t", "\\": "\\", "'": "'", '"': '"' };

/**
 * @param {string} text
 * @returns {string[]}
 * @throws {Error} A quote is open at the end.
 */
export function parseWords(text) {
  const words = [];
  let word = /** @type {string | null} */ (null);
  for (let at = 0; at < text.length; ) {
    const character = text[at];
    if (/[ \t\r\n]/.test(character)) {
      if (word !== null) words.push(word);
      word = null;
      at += 1;
      continue;
    }
    const { value, end } = part(text, at);
    word = (word ?? "") + value;
    at = end;
  }
  if (word !== null) words.push(word);
  return words;
}

/** @param {string[]} words @returns {string} */
export function formatWords(words) {
  return words.map(formatWord).join(" ");
}

function formatWord(word) {
  if (PLAIN.test(word)) return word;
  // A pair of surrogates is one character here. A lone surrogate is escaped.
  if (Array.from(word).some((character) => character.length === 1 && UNSEEN.test(character))) {
    const escaped = Array.from(word, (character) => {
      if (character === "\\" || character === "'") return `\\${character}`;
      if (character.length > 1 || !UNSEEN.test(character)) return character;
      const name = Object.keys(ESCAPES).find((each) => ESCAPES[each] === character);
      return name ? `\\${name}` : `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
    });
    return `$'${escaped.join("")}'`;
  }
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

/** Return the value of the quoted part, or of the one character, that begins at an index, and where it ends. */
function part(text, at) {
  if (text[at] === "'") return quoted(text, at + 1, "'", () => null);
  if (text[at] === '"') {
    return quoted(text, at + 1, '"', (next) => ('"\\$`'.includes(next) ? { value: next, length: 2 } : null));
  }
  if (text.startsWith("$'", at)) return quoted(text, at + 2, "'", (next, rest) => escape(next, rest));
  if (text[at] === "\\") {
    if (at + 1 === text.length) throw new Error("The backslash at the end needs a character after it.");
    return { value: text[at + 1], end: at + 2 };
  }
  return { value: text[at], end: at + 1 };
}

function quoted(text, start, quote, unescape) {
  let value = "";
  for (let at = start; at < text.length; ) {
    if (text[at] === quote) return { value, end: at + 1 };
    const found = text[at] === "\\" && at + 1 < text.length ? unescape(text[at + 1], text.slice(at, at + 6)) : null;
    value += found ? found.value : text[at];
    at += found ? found.length : 1;
  }
  throw new Error(`The quote ${quote} is not closed.`);
}

function escape(next, rest) {
  if (Object.hasOwn(ESCAPES, next)) return { value: ESCAPES[next], length: 2 };
  const code = /^\\x([0-9a-f]{2})|^\\u([0-9a-f]{4})/i.exec(rest);
  return code && { value: String.fromCharCode(Number.parseInt(code[1] ?? code[2], 16)), length: code[0].length };
}
