// Files of a request: what their paths may be, and how their bytes are written in JSON.

/** @typedef {{path: string, content: string, encoding: "utf-8" | "base64", size: number}} Attached */

/** The most files, and the most bytes of all files together, that a request may have. */
export const FILES = 64;
export const FILES_BYTES = 8 * 1024 * 1024;

const PATH_BYTES = 1024;
const PART_BYTES = 255;
const PARTS = 16;

/**
 * Read a file. Bytes that are UTF-8 become text, unless JSON's escapes make that longer than base64.
 *
 * @param {File} file
 * @returns {Promise<Attached>}
 */
export async function readFile(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const { name: path } = file;
  try {
    const content = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (bytes.length < 1000 || byteLength(JSON.stringify(content)) < (bytes.length * 4) / 3) {
      return { path, content, encoding: "utf-8", size: bytes.length };
    }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
  }
  return { path, content: toBase64(bytes), encoding: "base64", size: bytes.length };
}

/** @param {{path: string, content: string, encoding?: "utf-8" | "base64"}} file @returns {Attached} */
export function attached({ path, content, encoding = "utf-8" }) {
  const size = encoding === "base64" ? Math.floor((content.replace(/=+$/, "").length * 3) / 4) : byteLength(content);
  return { path, content, encoding, size };
}

/**
 * Return the error in the path of a file, "" for none. The service has the same rules.
 *
 * @param {string} path
 * @returns {string}
 */
export function pathFault(path) {
  const parts = path.split("/");
  if (!path) return "Give the file a name.";
  if (path.startsWith("/")) return "The path must be relative: it cannot begin with /.";
  if (parts.some((part) => ["", ".", ".."].includes(part))) return "The path cannot have empty parts, . or ..";
  if (/[\x00-\x1f\x7f]/.test(path)) return "The path cannot have control characters.";
  if (parts[0] === "script.py") return "script.py is the file of the script itself.";
  if (byteLength(path) > PATH_BYTES || parts.length > PARTS || parts.some((part) => byteLength(part) > PART_BYTES)) {
    return `The path is too long: it can have ${PATH_BYTES} bytes and ${PARTS} parts of ${PART_BYTES} bytes.`;
  }
  return "";
}

/** @param {string} text @returns {number} Its bytes in UTF-8. */
export function byteLength(text) {
  return new TextEncoder().encode(text).length;
}

/** @param {Uint8Array} bytes @returns {string} */
export function toBase64(bytes) {
  const parts = [];
  // A call takes a bounded number of arguments.
  for (let at = 0; at < bytes.length; at += 0x8000) parts.push(String.fromCharCode(...bytes.subarray(at, at + 0x8000)));
  return btoa(parts.join(""));
}
