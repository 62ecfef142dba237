// The service, as the pages see it: HTTP calls with the key of the page.

import { readEvents } from "./events.js";
import { parseJson } from "./json.js";

/** @typedef {import("./types.js").Submission} Submission */
/** @typedef {import("./types.js").Job} Job */
/** @typedef {import("./types.js").ServerEvent} ServerEvent */

/**
 * What the page was served with.
 *
 * @type {{version: string, keys: boolean, limits: Record<string, {default: number, least: number, most: number}>}}
 */
export const facts = JSON.parse(document.documentElement.dataset.facts ?? "");

/** The service refused a request, or could not be reached. `message` is for a person. */
export class ServiceError extends Error {
  /**
   * @param {string} message
   * @param {{status?: number, type?: string, field?: string, line?: number, column?: number, retryAfter?: number}} [more]
   *     `status` is 0 if there was no answer. `retryAfter` is in seconds.
   */
  constructor(message, { status = 0, type = "unreachable", field = "", line = 0, column = 0, retryAfter = 0 } = {}) {
    super(message);
    Object.assign(this, { status, type, field, line, column, retryAfter });
    this.status = status;
    this.type = type;
    this.field = field;
    this.line = line;
    this.column = column;
    this.retryAfter = retryAfter;
  }
}

export class Service {
  /** @param {() => string} key Returns the API key, "" for none. */
  constructor(key) {
    this.key = key;
  }

  /**
   * Queue a script. A repeated call with the same idempotency key queues it once.
   *
   * @param {Submission & {stream?: boolean}} submission
   * @param {{idempotencyKey: string, signal?: AbortSignal}} options
   * @returns {Promise<Job>}
   */
  submit(submission, { idempotencyKey, signal }) {
    const headers = { "Content-Type": "application/json", "Idempotency-Key": idempotencyKey };
    return this.#json("jobs", { method: "POST", headers, body: JSON.stringify(submission), signal });
  }

  /** @param {string} id @returns {Promise<Job>} */
  job(id) {
    return this.#json(jobPath(id));
  }

  /** @param {string} id @returns {Promise<Job>} */
  cancel(id) {
    return this.#json(jobPath(id), { method: "DELETE" });
  }

  /** @returns {Promise<{name: string, python: string, packages: {name: string, version: string}[]}[]>} */
  environments() {
    return this.#json("environments");
  }

  /**
   * Return the numbers of the queue page.
   *
   * @param {{signal?: AbortSignal}} [options]
   * @returns {Promise<import("./types.js").Queue>}
   */
  queue({ signal } = {}) {
    return this.#json("queue.json", { signal });
  }

  /**
   * @param {string} id
   * @param {string} path
   * @returns {Promise<ArrayBuffer>}
   */
  async artifact(id, path) {
    const parts = path.split("/").map(encodeURIComponent).join("/");
    return this.#body(`${jobPath(id)}/artifacts/${parts}`, {}, (response) => response.arrayBuffer());
  }

  /**
   * Yield the events of a job after the one with an id.
   *
   * @param {string} id
   * @param {{lastEventId?: string, signal?: AbortSignal}} [options]
   * @returns {AsyncGenerator<ServerEvent>}
   */
  async *events(id, { lastEventId = "", signal } = {}) {
    const headers = new Headers(lastEventId ? { "Last-Event-ID": lastEventId } : undefined);
    const response = await this.#fetch(`${jobPath(id)}/events`, { headers, signal });
    if (response.body) yield* readEvents(response.body);
  }

  /** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
  #json(path, options) {
    return this.#body(path, options, async (response) => parseJson(await response.text()));
  }

  /** Return what `read` makes of the answer to a request. The connection may break before its end. */
  async #body(path, options, read) {
    const response = await this.#fetch(path, options);
    try {
      return await read(response);
    } catch (error) {
      if (options?.signal?.aborted) throw error;
      throw new ServiceError("The answer of the service is not complete.");
    }
  }

  /**
   * Return the answer to a request.
   *
   * @param {string} path A relative URL, so that the service can be below a prefix of a proxy.
   * @param {RequestInit} [options]
   */
  async #fetch(path, options = {}) {
    const headers = new Headers(options.headers);
    const key = this.key();
    // A header cannot have such characters.
    if (/[^\x21-\x7e]/.test(key)) throw new ServiceError("An API key has only ASCII characters.", { type: "unauthorized" });
    if (key) headers.set("Authorization", `Bearer ${key}`);
    let response;
    try {
      response = await fetch(path, { ...options, headers, cache: "no-store" });
    } catch (error) {
      if (options.signal?.aborted) throw error;
      throw new ServiceError("The service cannot be reached.");
    }
    if (!response.ok) throw await problemOf(response);
    return response;
  }
}

/** Return the path of a job. The id may come from a link: `.` and `..` would make it the path of something else. */
function jobPath(id) {
  if (id === "." || id === "..") throw new ServiceError("No job has this id.", { status: 404, type: "not_found" });
  return `jobs/${encodeURIComponent(id)}`;
}

async function problemOf(response) {
  const more = { status: response.status, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
  try {
    const { error } = await response.json();
    return new ServiceError(String(error.message), { ...more, ...error });
  } catch {
    return new ServiceError(`The service answered with status ${response.status}.`, { ...more, type: "unknown" });
  }
}
