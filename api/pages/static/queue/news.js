// The line that says whether the numbers are current. Screen readers read the status out when it changes, so it does
// not change with every update.

import { byId } from "../common/dom.js";
import { ServiceError } from "../common/service.js";
import { clock } from "./units.js";

export class News {
  constructor() {
    this.latest = "";
  }

  /** @param {string} at The time of new numbers. */
  current(at) {
    this.latest = clock(at);
    this.#say("Updated every 2 seconds.", `Last update: ${this.latest}.`);
  }

  /** @param {Error} error The service is away; the page tries again by itself. */
  away(error) {
    const reason = error instanceof ServiceError ? sentence(error.message) : "The service does not answer.";
    this.#say(`${reason} Trying again.`, this.latest && `Last update: ${this.latest}.`, true);
  }

  /** @param {string} reason Why there are no numbers until the person does something. */
  stopped(reason) {
    this.latest = "";
    this.#say(reason, "");
  }

  #say(status, updated, bad = false) {
    const place = byId("status");
    if (place.textContent !== status) place.textContent = status;
    place.className = bad ? "bad" : "";
    byId("updated").textContent = updated;
  }
}

/** Messages of the service begin with a small letter and have no full stop. */
function sentence(message) {
  return `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/, "")}.`;
}
