// Asks for the numbers every two seconds while the page is visible.

import { ServiceError } from "../common/service.js";

/** Milliseconds between an answer and the next request, and the longest pause while the service is away. */
const EVERY = 2_000;
const LONGEST = 30_000;

/** @typedef {import("../common/types.js").Queue} Queue */

export class Poller {
  /**
   * @param {object} actions
   * @param {() => Promise<Queue>} actions.ask Gets the numbers.
   * @param {(numbers: Queue) => void} actions.onNumbers
   * @param {(error: any) => boolean} actions.onFailure Returns whether to ask again by itself.
   */
  constructor(actions) {
    this.actions = actions;
    this.timer = 0;
    this.asking = false;
    this.again = false;
    this.failures = 0;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.askNow());
    this.askNow();
  }

  /** Ask now if the page is visible, without a pause. Otherwise ask when it becomes visible. */
  async askNow() {
    clearTimeout(this.timer);
    if (document.hidden) return;
    if (this.asking) {
      this.again = true;
      return;
    }
    this.asking = true;
    const pause = await this.#ask().finally(() => (this.asking = false));
    if (this.again) {
      this.again = false;
      this.askNow();
    } else if (pause && !document.hidden) {
      this.timer = setTimeout(() => this.askNow(), pause);
    }
  }

  /** Ask once. Return the pause in milliseconds, 0 to wait for the person. */
  async #ask() {
    let numbers;
    try {
      numbers = await this.actions.ask();
    } catch (error) {
      this.failures += 1;
      if (!this.actions.onFailure(error)) return 0;
      const retryAfter = error instanceof ServiceError ? error.retryAfter : 0;
      return Math.max(retryAfter * 1000, Math.min(EVERY * 2 ** this.failures, LONGEST));
    }
    this.failures = 0;
    this.actions.onNumbers(numbers);
    return EVERY;
  }
}
