// A submission as code for other programs. The code is exact for every script.

import { facts } from "../../common/service.js";
import { prettyJson } from "../request/json_text.js";

/** @typedef {import("../../common/types.js").Submission} Submission */

/** Text that code shows badly: control characters, half surrogates, and what changes the order of writing. */
const UNSEEN = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Cs}/gu;

/**
 * @param {Submission} submission
 * @param {string} base The URL of the service, without a slash at its end.
 * @returns {string} A command for a POSIX shell.
 */
export function curlSnippet(submission, base) {
  // No line of JSON is the word that ends the document: every line begins with a blank, a quote or a bracket.
  const json = prettyJson(submission).replace(UNSEEN, escapeUnicode);
  const key = facts.keys ? ['  -H "Authorization: Bearer $PYTHON_EXECUTOR_KEY" \\'] : [];
  return [
    `curl -sS ${shellQuote(`${base}/execute`)} \\`,
    ...key,
    "  -H 'Content-Type: application/json' \\",
    "  --data-binary @- <<'END'",
    json,
    "END",
    "",
  ].join("\n");
}

/**
 * @param {Submission} submission
 * @param {string} base
 * @returns {string} A program for the Python client.
 */
export function pythonSnippet(submission, base) {
  const { script, mode, inputs, argv, stdin, environment, files, artifacts, limits } = submission;
  const options = [
    mode === "main" ? `inputs=${pythonValue(inputs ?? {})}` : "",
    argv ? `argv=${pythonValue(argv)}` : "",
    stdin ? `stdin=${pythonString(stdin)}` : "",
    environment ? `environment=${pythonString(environment)}` : "",
    files ? `files={${files.map((file) => `${pythonString(file.path)}: ${pythonFile(file)}`).join(", ")}}` : "",
    artifacts ? `artifacts=${pythonValue(artifacts)}` : "",
    ...Object.entries(limits ?? {}).map(([name, value]) => `${name}=${value}`),
  ].filter(Boolean);
  const binary = files?.some((file) => file.encoding === "base64");
  return [
    ...(binary ? ["from base64 import b64decode", ""] : []),
    "from python_executor import Client",
    "",
    `SCRIPT = ${pythonBlock(script)}`,
    "",
    ...(facts.keys ? ["# The client reads the API key from the variable PYTHON_EXECUTOR_KEY."] : []),
    `with Client(${pythonString(base)}) as client:`,
    ...(options.length
      ? ["    execution = client.run(", "        SCRIPT,", ...options.map((option) => `        ${option},`), "    )"]
      : ["    execution = client.run(SCRIPT)"]),
    '    print(execution.stdout, end="")',
    "    execution.raise_for_error()",
    ...(mode === "main" ? ["    print(execution.result)"] : []),
    ...(artifacts ? ['    client.save_artifacts(execution, "artifacts")'] : []),
    "",
  ].join("\n");
}

/** @param {string} base @returns {string} The configuration of a program that starts the MCP server. */
export function mcpSnippet(base) {
  const key = facts.keys ? { PYTHON_EXECUTOR_KEY: "pyx_…" } : {};
  const env = { PYTHON_EXECUTOR_URL: base, ...key };
  return `${JSON.stringify({ mcpServers: { python: { command: "pyexec", args: ["mcp"], env } } }, null, 2)}\n`;
}

function shellQuote(text) {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** Return a literal over as many lines as the text has. */
function pythonBlock(text) {
  const quoted = text
    .replaceAll("\\", "\\\\")
    .replaceAll('"""', String.raw`\"\"\"`)
    .replace(/"$/, String.raw`\"`)
    .replace(UNSEEN, escapeUnicode);
  return `"""\\\n${quoted}"""`;
}

function pythonString(text) {
  return JSON.stringify(text).replace(UNSEEN, escapeUnicode);
}

function pythonFile({ content, encoding = "utf-8" }) {
  return encoding === "base64" ? `b64decode(${pythonString(content)})` : pythonString(content);
}

/** Return a JSON value as a literal of Python. */
function pythonValue(value) {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return pythonString(value);
  if (Array.isArray(value)) return `[${value.map(pythonValue).join(", ")}]`;
  const text = JSON.stringify(value);
  // A number that is kept as its text is an object too.
  if (!text.startsWith("{")) return text;
  return `{${Object.entries(value).map(([name, each]) => `${pythonString(name)}: ${pythonValue(each)}`).join(", ")}}`;
}

function escapeUnicode(character) {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
