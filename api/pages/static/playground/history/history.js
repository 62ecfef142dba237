// The list of the jobs that this browser has started.

import { byId, element } from "../../common/dom.js";
import { formatDuration, visibleText } from "../../common/format.js";
import { ServiceError } from "../../common/service.js";
import { HistoryStore, titleOf } from "./history_store.js";

/** @typedef {import("../../common/types.js").Job} Job */
/** @typedef {import("./history_store.js").Entry} Entry */

export class History {
  /**
   * @param {import("../../common/service.js").Service} service
   * @param {import("../composer.js").Composer} composer
   * @param {import("../notice.js").Notice} notice
   * @param {(job: Job) => boolean} onJob Shows a job of the past, and says whether it could.
   */
  constructor(service, composer, notice, onJob) {
    this.service = service;
    this.composer = composer;
    this.notice = notice;
    this.onJob = onJob;
    this.store = new HistoryStore();
    /** Counts the jobs that were opened: only the latest is shown, in whatever order the answers arrive. */
    this.latest = 0;
    this.rows = element("tbody");
    this.table = element("table", {}, element("caption", { class: "visually-hidden" }, "Jobs of this browser"),
      element("thead", {}, element("tr", {}, ...["Started", "Status", "Script", "Time", "Actions"].map((name) =>
        element("th", { scope: "col" }, name)))), this.rows);
    this.empty = element("p", { class: "quiet" }, "The jobs that you run here are listed here. The list stays in this browser.");
    this.clear = element("button", { type: "button", class: "plain", onclick: () => this.#clear() }, "Clear all");
    this.heading = element("h2", { tabindex: -1 }, "History");
    byId("history").append(element("div", { class: "toolbar" }, this.heading, this.clear), this.empty,
      element("div", { class: "table" }, this.table));
    // Another tab has changed the list.
    addEventListener("storage", () => this.#show());
    this.#show();
  }

  /**
   * @param {Job} job
   * @param {import("../../common/types.js").Submission} submission
   */
  add(job, submission) {
    const { id, status, created_at: time } = job;
    this.store.add({ id, time, status, title: titleOf(submission.script), duration: null, submission });
    this.#show();
  }

  /** @param {Job} job */
  update({ id, status, usage }) {
    this.store.update(id, { status, duration: usage?.wall_ms ?? null });
    this.#show();
  }

  #show() {
    const entries = this.store.list();
    this.rows.replaceChildren(...entries.map((entry) => this.#row(entry)));
    this.empty.hidden = entries.length > 0;
    this.table.hidden = this.clear.hidden = !entries.length;
  }

  #row(entry) {
    const { time, status, title, duration } = entry;
    const when = new Date(time);
    const name = visibleText(title) || "(empty script)";
    return element("tr", {},
      element("td", {}, element("time", { datetime: time }, whenText(when))),
      element("td", { class: status === "failed" ? "bad" : "" }, visibleText(status)),
      element("td", { class: "mono title" }, name),
      element("td", { class: "number" }, duration === null ? "" : formatDuration(duration)),
      element("td", { class: "actions" },
        element("button", { type: "button", class: "plain", "aria-label": `Open ${name}`, onclick: () => this.#open(entry) }, "Open"),
        element("button", { type: "button", class: "plain", "aria-label": `Remove ${name}`, onclick: () => this.#remove(entry) }, "Remove"),
      ),
    );
  }

  /** @param {string} id Show a job, also one that another browser has started. */
  openJob(id) {
    return this.#open(this.store.list().find((entry) => entry.id === id) ?? { id });
  }

  /** @param {{id: string, submission?: Entry["submission"], time?: string}} entry */
  async #open({ id, submission, time }) {
    const turn = (this.latest += 1);
    const from = time ? `This is the job of ${whenText(new Date(time))}.` : "This job was started elsewhere.";
    if (submission) this.composer.replace(submission, from);
    else this.notice.show(`${from} Its script is not kept here; the editor shows another one.`);
    try {
      const job = await this.service.job(id);
      if (turn !== this.latest) return;
      // Lines of another script mean nothing.
      const error = job.error && !submission ? { ...job.error, line: null } : job.error;
      if (!this.onJob({ ...job, error })) this.notice.add("Its answer can be shown when the running script has ended.");
      this.update(job);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      if (turn !== this.latest) return;
      const reason = error.status === 404 ? "Its answer has expired." : visibleText(error.message);
      this.notice.add(reason);
    }
  }

  #remove({ id }) {
    this.store.remove(id);
    this.#show();
    this.heading.focus();
  }

  #clear() {
    this.store.clear();
    this.#show();
    this.heading.focus();
  }
}

/** @param {Date} time @returns {string} The time, with the date if it is not today's. */
function whenText(time) {
  const clock = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  const today = time.toDateString() === new Date().toDateString();
  return today ? clock : `${time.toLocaleDateString()} ${clock}`;
}
