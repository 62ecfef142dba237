// One run of a script: submits it, and follows it until it is final, over broken connections too.

import { ServiceError } from "../common/service.js";

/** @typedef {import("../common/types.js").Job} Job */
/** @typedef {import("../common/service.js").Service} Service */

/** The pauses between attempts in milliseconds. Each event that arrives starts them again. */
const PAUSES = [200, 500, 1000, 2000, 4000, 8000, 8000];

/** The most attempts to submit a script. */
const SUBMISSIONS = 4;

/** Milliseconds that a submission waits for its answer. */
const ANSWER_MOST = 30_000;

/** The longest pause in milliseconds, even if the service asks for a longer one. */
const PAUSE_MOST = 30_000;

/**
 * A step of a run. `retrying`: there was no answer, and the same is tried again after a pause.
 *
 * @typedef {{type: "job" | "done", job: Job} | {type: "status", status: string} | {type: "retrying", message: string} |
 *     {type: "stdout" | "stderr", text: string, offset: number} | {type: "restarted"}} Step
 */

/**
 * Yield what happens to a job, until it is final.
 *
 * @param {Service} service
 * @param {import("../common/types.js").Submission} submission
 * @param {AbortSignal} signal Ends the pauses between submissions. A job that is queued goes on.
 * @returns {AsyncGenerator<Step>}
 */
export async function* runScript(service, submission, signal) {
  const job = yield* submit(service, submission, signal);
  yield { type: "job", job };
  yield* followJob(service, job.id);
}

/**
 * Submit a script; again if there was no answer. All attempts have one key, so that one job is queued.
 *
 * @returns {AsyncGenerator<Step, Job>}
 */
async function* submit(service, submission, signal) {
  const idempotencyKey = randomId();
  for (let attempt = 0; ; attempt += 1) {
    try {
      const answered = AbortSignal.timeout(ANSWER_MOST);
      return await service.submit({ ...submission, stream: true }, { idempotencyKey, signal: answered });
    } catch (error) {
      const fault = faultOf(error);
      if (!mayPass(fault) || fault.status === 429 || attempt + 1 >= SUBMISSIONS) throw fault;
      yield { type: "retrying", message: fault.message };
      await pause(waitAfter(fault, attempt), signal);
    }
  }
}

/**
 * Yield what happens to a queued job, until it is final.
 *
 * @param {Service} service
 * @param {string} id
 * @returns {AsyncGenerator<Step>}
 */
export async function* followJob(service, id) {
  let lastEventId = "";
  for (let failures = 0; ; failures += 1) {
    let fault = new ServiceError("The connection to the service broke before the script ended.");
    try {
      for await (const { event, id: eventId, data } of service.events(id, { lastEventId })) {
        lastEventId = eventId;
        failures = 0;
        if (event === "done") return yield { type: "done", job: data };
        if (event === "stdout" || event === "stderr") yield { type: event, ...data };
        else if (event === "status") yield { type: "status", status: data.status };
        else if (event === "restarted") yield { type: "restarted" };
      }
    } catch (error) {
      fault = faultOf(error);
      if (!mayPass(fault)) throw fault;
    }
    if (failures >= PAUSES.length) throw fault;
    yield { type: "retrying", message: fault.message };
    await pause(waitAfter(fault, failures));
  }
}

/** Return an error of the service as it is. Others come from the connection: it broke, or took too long. */
function faultOf(error) {
  return error instanceof ServiceError ? error : new ServiceError("The connection to the service broke.");
}

/** Whether the same request may succeed later. */
function mayPass({ status }) {
  return status === 0 || status === 429 || status >= 500;
}

function waitAfter(error, attempt) {
  return Math.min(Math.max(PAUSES[attempt], error.retryAfter * 1000), PAUSE_MOST);
}

/**
 * @param {number} ms
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}

/** Return 128 random bits. `crypto.randomUUID` exists only over HTTPS and on this machine. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
