// Describes the end of a job in plain words.

import { formatDuration } from "../../common/format.js";

/** @typedef {import("../../common/types.js").Job} Job */

/** By the type of an error of a job or of a request. */
const HEADINGS = {
  exception: "The script raised an exception",
  exit: "The script ended with an exit code",
  invalid_result: "The result is not a JSON object",
  result_too_large: "The result is too large",
  timeout: "The script ran out of time",
  memory_limit: "The script used too much memory",
  killed: "A signal ended the script",
  main_not_callable: "main cannot be called",
  missing_main: "The script does not define main",
  forbidden_import: "The script imports a module that is not available",
  forbidden_syntax: "The sandbox does not allow this syntax",
  unsupported: "The sandbox cannot do this",
  sandbox_failure: "The sandbox failed; this is not the script's fault",
  expired: "No worker was free in time",
  syntax_error: "The script is not valid Python",
  invalid_request: "The service does not accept this request",
  unknown_environment: "The service does not have this environment",
  unauthorized: "The service did not accept the API key",
  not_found: "The service does not know this job any more",
  too_large: "The request is too large",
  host_not_allowed: "The service does not answer to this host name",
  rate_limited: "Too many scripts in a short time",
  queue_full: "The queue is full",
  storage_full: "The service has no room for more jobs",
  too_many_waits: "Too many open connections",
  internal_error: "The service failed; this is not the script's fault",
  unavailable: "The service is not available now",
  unreachable: "The service cannot be reached",
};

/** @param {string} type @returns {string} Its heading. A type of a newer service is its own heading. */
export function problemHeading(type) {
  return Object.hasOwn(HEADINGS, type) ? HEADINGS[type] : plain(type);
}

/** @param {string} type @returns {string} Such as "syntax error" for `syntax_error`. */
export function plain(type) {
  return type.replaceAll("_", " ");
}

/** @param {Job} job @returns {string} Its status in one line. */
export function describeStatus(job) {
  const { wall_ms: wall } = job.usage;
  if (job.status === "queued") return "Still queued. Open the job again later.";
  if (job.status === "running") return "Still running. Open the job again later.";
  if (job.status === "succeeded") return wall === null ? "Succeeded" : `Succeeded in ${formatDuration(wall)}`;
  const after = wall === null ? "" : ` after ${formatDuration(wall)}`;
  if (job.status === "cancelled") return `Cancelled${after}`;
  if (!job.error) return `Failed${after}`;
  const what = job.error.type === "exit" && job.exit_code !== null ? `exit code ${job.exit_code}` : plain(job.error.type);
  return `Failed: ${what}${onLine(job.error.line)}${after}`;
}

/** @param {number | null | undefined} line @returns {string} */
export function onLine(line) {
  return line ? ` on line ${line}` : "";
}

/** @param {number} seconds @returns {string} When to try again, "" if the service has not said. */
export function tryAgain(seconds) {
  if (!seconds) return "";
  return ` Try again in ${seconds === 1 ? "1 second" : `${seconds} seconds`}.`;
}
