// One run of a script: submits it, and follows it until it is final, over broken connections too.

import { ServiceError } from "../common/service.js";

/** @typedef {import("../common/types.js").Job} Job */

/** How often a connection is tried again without any event between, and the pauses in milliseconds. */
const PAUSES = [200, 500, 1000, 2000, 4000];

/**
 * Yield what happens to a job, until it is final.
 *
 * @param {import("../common/service.js").Service} service
 * @param {import("../common/types.js").Submission} submission
 * @param {AbortSignal} signal Ends the run on this side. It cancels no job.
 * @returns {AsyncGenerator<{type: "job" | "done", job: Job} | {type: "status", status: string} |
 *     {type: "stdout" | "stderr", text: string, offset: number} | {type: "restarted"}>}
 */
export async function* runScript(service, submission, signal) {
  const idempotencyKey = randomId();
  const submitted = await service.submit({ ...submission, stream: true }, { idempotencyKey, signal });
  yield { type: "job", job: submitted };
  let lastEventId = "";
  let failures = 0;
  for (;;) {
    try {
      for await (const { event, id, data } of service.events(submitted.id, { lastEventId, signal })) {
        lastEventId = id;
        failures = 0;
        if (event === "done") return yield { type: "done", job: data };
        if (event === "stdout" || event === "stderr") yield { type: event, ...data };
        else if (event === "status") yield { type: "status", ...data };
        else if (event === "restarted") yield { type: "restarted" };
      }
    } catch (error) {
      if (signal.aborted || (error instanceof ServiceError && error.status === 404)) throw error;
      if (failures >= PAUSES.length) throw error;
    }
    if (failures >= PAUSES.length) throw new ServiceError("The service ended the stream before the job.");
    await new Promise((resolve) => setTimeout(resolve, PAUSES[failures]));
    failures += 1;
  }
}

/** Return 128 random bits. `crypto.randomUUID` exists only over HTTPS and on this machine. */
function randomId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
