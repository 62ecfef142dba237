// The line with the state of the run, and the seconds since it changed.

import { byId } from "../../common/dom.js";

/** @typedef {"idle" | "busy" | "good" | "bad"} Mood */

export class StatusLine {
  constructor() {
    this.text = byId("status");
    this.elapsed = byId("elapsed");
    this.answer = byId("answer");
    this.timer = 0;
  }

  /** Scroll to the line if it is out of sight: on a phone the answer stands below the form. */
  show() {
    const { top, bottom } = this.text.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.text.scrollIntoView({ block: "start" });
  }

  /**
   * Say something, once.
   *
   * @param {Mood} mood
   * @param {string} text
   */
  say(mood, text) {
    clearInterval(this.timer);
    this.elapsed.textContent = "";
    this.answer.dataset.mood = mood;
    if (this.text.textContent !== text) this.text.textContent = text;
  }

  /**
   * Say something, and count the seconds. They are outside of the text, so screen readers do not announce them.
   *
   * @param {string} text
   */
  count(text) {
    this.say("busy", text);
    const start = performance.now();
    this.timer = setInterval(() => {
      this.elapsed.textContent = `${Math.floor((performance.now() - start) / 1000)} s`;
    }, 1000);
  }
}
