// The fields for the input of a script: arguments, inputs and standard input.

import { parseJson, prettyJson } from "./json_text.js";
import { TextField } from "./text_field.js";
import { formatWords, parseWords } from "./shell_words.js";

/** @returns {TextField} The arguments of a program. */
export function argvField() {
  return new TextField(
    "argv",
    {
      label: "Arguments", rows: 1, placeholder: "km mi 'two words'", checked: true,
      hint: "Separated by blanks or line ends, quoted as in a shell. $ and * are ordinary characters.",
    },
    {
      parse: (text) => {
        const words = parseWords(text);
        return words.length ? words : undefined;
      },
      format: formatWords,
      summarize: (words) => count(words.length, "argument"),
    },
  );
}

/** @returns {TextField} The keyword arguments of `main`. */
export function inputsField() {
  return new TextField(
    "inputs",
    { label: "Inputs", rows: 4, placeholder: '{"name": "Ada", "n": 3}', checked: true,
      hint: "A JSON object: the keyword arguments of main." },
    {
      parse: (text) => {
        if (!text.trim()) return undefined;
        const value = parseJson(text);
        if (isObject(value)) return value;
        throw new Error('The inputs must be a JSON object, such as {"n": 3}.');
      },
      format: prettyJson,
      summarize: (inputs) => count(Object.keys(inputs).length, "input"),
    },
  );
}

/** @returns {TextField} The standard input. */
export function stdinField() {
  return new TextField(
    "stdin",
    { label: "Standard input", rows: 2 },
    {
      parse: (text) => text || undefined,
      format: (text) => text,
      summarize: (text) => `${count(text.length, "character")} of standard input`,
    },
  );
}

/** @param {number} number @param {string} noun @returns {string} Such as "2 files". */
export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** A number that is kept as its text is an object too, with a null prototype. */
function isObject(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
