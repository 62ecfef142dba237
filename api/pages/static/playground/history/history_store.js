// The jobs that this browser has started, in its storage. They have no API key in them.

import { readSubmission } from "../request/foreign_submission.js";
import { parseJson } from "../request/json_text.js";

/** @typedef {import("../../common/types.js").Submission} Submission */
/**
 * A job of the past. `submission` is null if it was too large to keep.
 *
 * @typedef {{id: string, time: string, status: string, title: string, duration: number | null, submission: Submission | null}} Entry
 */

const STORED = "python-executor-history";
const ENTRIES = 50;
/** Browsers keep about 5 MB for all pages of an origin together. Lengths are in characters. */
const LENGTH = 1_000_000;
const SUBMISSION_LENGTH = 100_000;
const TITLE_LENGTH = 100;

export class HistoryStore {
  constructor() {
    /** The list if the browser keeps nothing for this page. @type {Entry[]} */
    this.remembered = [];
  }

  /** @returns {Entry[]} The newest first. */
  list() {
    let text;
    try {
      text = localStorage.getItem(STORED);
    } catch {
      return this.remembered;
    }
    if (text === null) return this.remembered;
    try {
      const entries = parseJson(text);
      return Array.isArray(entries) ? entries.flatMap(readEntry).slice(0, ENTRIES) : [];
    } catch {
      return [];
    }
  }

  /** @param {Entry} entry */
  add(entry) {
    const large = JSON.stringify(entry.submission).length > SUBMISSION_LENGTH;
    this.#save([large ? { ...entry, submission: null } : entry, ...this.list().filter(({ id }) => id !== entry.id)]);
  }

  /** @param {string} id @param {Partial<Entry>} change */
  update(id, change) {
    this.#save(this.list().map((entry) => (entry.id === id ? { ...entry, ...change } : entry)));
  }

  /** @param {string} id */
  remove(id) {
    this.#save(this.list().filter((entry) => entry.id !== id));
  }

  clear() {
    this.#save([]);
  }

  #save(entries) {
    let length = 0;
    const kept = [];
    for (const entry of entries.slice(0, ENTRIES)) {
      length += JSON.stringify(entry).length;
      if (length > LENGTH) break;
      kept.push(entry);
    }
    this.remembered = kept;
    try {
      localStorage.setItem(STORED, JSON.stringify(kept));
      this.remembered = [];
    } catch {
      // The browser keeps nothing for this page, or not so much. The list lasts until the page is closed.
      try {
        localStorage.removeItem(STORED);
      } catch {
        // It keeps nothing at all.
      }
    }
  }
}

/** @param {string} script @returns {string} Its first line that is not blank. */
export function titleOf(script) {
  const line = script.split("\n", 50).find((each) => each.trim()) ?? "";
  return line.trim().slice(0, TITLE_LENGTH);
}

/** @param {any} value @returns {Entry[]} The entry, none if it is damaged. */
function readEntry(value) {
  const { id, time, status, title, duration, submission } = value ?? {};
  const strings = [id, time, status, title].every((each) => typeof each === "string" && each.length <= 200);
  if (!strings || Number.isNaN(Date.parse(time))) return [];
  try {
    return [{
      id, time, status, title,
      duration: typeof duration === "number" ? duration : null,
      submission: submission === null ? null : readSubmission(submission),
    }];
  } catch {
    return [];
  }
}
