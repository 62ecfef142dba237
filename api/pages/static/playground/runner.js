// Runs scripts, one at a time: the buttons Run and Stop, the status line, and the panels.

import { byId } from "../common/dom.js";
import { ServiceError } from "../common/service.js";
import { describeStatus, onLine, plain, tryAgain } from "./answer/descriptions.js";
import { FieldError } from "./request/field_error.js";
import { runScript } from "./runs.js";

export class Runner {
  /**
   * @param {import("../common/service.js").Service} service
   * @param {import("./composer.js").Composer} composer
   * @param {import("./answer/status_line.js").StatusLine} status
   * @param {Record<string, any>} panels
   */
  constructor(service, composer, status, panels) {
    this.service = service;
    this.composer = composer;
    this.status = status;
    this.panels = panels;
    /** @type {import("./history/history.js").History | null} */
    this.history = null;
    this.running = false;
    this.stopping = new AbortController();
    this.jobId = "";
    byId("run").addEventListener("click", () => this.start());
    byId("stop").addEventListener("click", () => this.stop());
    document.addEventListener("keydown", (event) => {
      const runs = (event.ctrlKey || event.metaKey) && event.key === "Enter";
      if (runs && !event.defaultPrevented && !document.querySelector("dialog[open]")) this.start();
    });
  }

  /** Run the script with the fields of the form. Without effect while a script runs. */
  async start() {
    if (this.running) return;
    this.stopping = new AbortController();
    this.jobId = "";
    this.#setRunning(true);
    try {
      for (const panel of Object.values(this.panels)) panel.clear();
      this.status.count("Sending");
      this.status.show();
      const submission = await this.composer.read();
      for await (const step of runScript(this.service, submission, this.stopping.signal)) {
        if (step.type === "job") this.history?.add(step.job, submission);
        await this.#take(step);
      }
    } catch (error) {
      this.#explain(error);
    } finally {
      this.#setRunning(false);
    }
  }

  /** Cancel the job; at once if it is queued or runs, otherwise as soon as the service has it. */
  async stop() {
    if (!this.running) return;
    this.stopping.abort();
    setDisabled("stop", true);
    this.status.count("Stopping");
    if (this.jobId) await this.#cancel();
  }

  /**
   * Show a job of the past.
   *
   * @param {import("../common/types.js").Job} job
   * @returns {boolean} Whether it is shown: the answer of a running script stays.
   */
  show(job) {
    if (this.running) return false;
    for (const panel of Object.values(this.panels)) panel.clear();
    this.#show(job);
    return true;
  }

  #show(job) {
    for (const panel of Object.values(this.panels)) panel.show(job);
    this.status.say(job.status === "succeeded" ? "good" : job.status === "failed" ? "bad" : "idle", describeStatus(job));
  }

  async #take(step) {
    if (step.type === "job") {
      this.jobId = step.job.id;
      if (this.stopping.signal.aborted) await this.#cancel();
      else this.status.count("Queued");
    } else if (step.type === "status") {
      if (!this.stopping.signal.aborted) this.status.count(step.status === "queued" ? "Queued" : "Running");
    } else if (step.type === "retrying") {
      this.status.count(`${step.message} Trying again`);
    } else if (step.type === "restarted") {
      this.panels.output.clear();
    } else if (step.type === "done") {
      this.#show(step.job);
      this.history?.update(step.job);
    } else {
      this.panels.output.append(step.type, step.text);
    }
  }

  async #cancel() {
    const run = this.stopping;
    try {
      await this.service.cancel(this.jobId);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      // The job ended first. Its events say how.
      if (error.type === "already_final" || run !== this.stopping || !this.running) return;
      this.status.say("bad", `The script could not be stopped. ${error.message}`);
      setDisabled("stop", false);
    }
  }

  #explain(error) {
    if (this.stopping.signal.aborted && error === this.stopping.signal.reason) {
      return this.status.say("idle", "Stopped. The service did not confirm the request, but the script may still run.");
    }
    if (error instanceof FieldError) return this.status.say("bad", "Nothing was sent: correct the marked field.");
    if (!(error instanceof ServiceError)) {
      this.status.say("bad", "This page has an error. Reload it.");
      throw error;
    }
    if (error.status === 401) {
      const hasKey = this.service.key() !== "";
      this.status.say("bad", hasKey ? "The service does not accept this API key." : "An API key is needed.");
      byId("api-key").focus();
      return undefined;
    }
    this.panels.problem.showRefusal(error);
    this.composer.showRefusal(error);
    const again = tryAgain(error.retryAfter);
    if (this.jobId) this.status.say("bad", `Connection lost. The script may still run.${again}`);
    else if (error.status === 0) this.status.say("bad", "The service cannot be reached.");
    else this.status.say("bad", `Not run: ${plain(error.type)}${onLine(error.line)}.${again}`);
    return undefined;
  }

  #setRunning(running) {
    this.running = running;
    setDisabled("run", running);
    setDisabled("stop", !running);
  }
}

/** The button keeps the focus, which the attribute `disabled` would take from it. */
function setDisabled(id, disabled) {
  byId(id).setAttribute("aria-disabled", String(disabled));
}
