// A submission as the fragment of a link: `#s=1.` and base64url of compressed JSON. Browsers send no fragment to a server.

import { messageOf } from "../request/field_error.js";
import { toBase64 } from "../request/file_contents.js";
import { readSubmission } from "../request/foreign_submission.js";
import { parseJson } from "../request/json_text.js";

/** @typedef {import("../../common/types.js").Submission} Submission */

const NAME = "#s=";
const VERSION = "1";
const FORMAT = "deflate-raw";

/** The most bytes of a submission's JSON: a few bytes of a link could become gigabytes. */
const BYTES = 1_500_000;
/** Files of more bytes than this together are left out. */
export const LINKED_FILES_BYTES = 20_000;

/** The link is damaged, or too large. The message is for a person. */
export class LinkError extends Error {}

/**
 * @param {Submission} submission
 * @returns {Promise<string>} The fragment.
 * @throws {LinkError} The submission is too large.
 */
export async function toFragment(submission) {
  const json = new TextEncoder().encode(JSON.stringify(submission));
  if (json.length > BYTES) throw new LinkError("This request is too large for a link. A link can have 1.5 MB.");
  const { bytes } = await transform(json, new CompressionStream(FORMAT), Infinity);
  return `${NAME}${VERSION}.${toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "")}`;
}

/** @param {string} fragment @returns {boolean} Whether it is one of a link to a script. */
export function isLink(fragment) {
  return fragment.startsWith(NAME);
}

/**
 * @param {string} fragment
 * @returns {Promise<Submission>}
 * @throws {LinkError}
 */
export async function fromFragment(fragment) {
  const [version, text = ""] = fragment.slice(NAME.length).split(".", 2);
  if (version !== VERSION) throw new LinkError("This link is for another version of the playground.");
  let value;
  try {
    const compressed = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (each) => each.charCodeAt(0));
    const { bytes, whole } = await transform(compressed, new DecompressionStream(FORMAT), BYTES);
    if (!whole) throw new LinkError("The script of this link is too large.");
    value = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError("This link is damaged: it has no script that can be read.");
  }
  try {
    return readSubmission(value);
  } catch (error) {
    throw new LinkError(`This link cannot be used: ${messageOf(error)}.`);
  }
}

/** Return the output of a stream for some bytes, up to a bound, and whether that is all of it. */
async function transform(given, stream, most) {
  const reader = new Blob([given]).stream().pipeThrough(stream).getReader();
  const chunks = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { bytes: new Uint8Array(await new Blob(chunks).arrayBuffer()), whole: true };
    size += value.length;
    if (size > most) {
      await reader.cancel();
      return { bytes: new Uint8Array(), whole: false };
    }
    chunks.push(value);
  }
}
