// Runs scripts, one at a time: the buttons Run and Stop, the status line, and what each panel gets.

import { byId } from "../common/dom.js";
import { ServiceError } from "../common/service.js";
import { runScript } from "./runs.js";

export class Runner {
  /**
   * @param {import("../common/service.js").Service} service
   * @param {import("./composer.js").Composer} composer
   * @param {import("./editor.js").Editor} editor
   * @param {Record<string, any>} panels
   */
  constructor(service, composer, editor, panels) {
    Object.assign(this, { service, composer, editor, panels });
    this.service = service;
    this.composer = composer;
    this.editor = editor;
    this.panels = panels;
    this.jobId = "";
    this.running = false;
    byId("run").addEventListener("click", () => this.start());
    byId("stop").addEventListener("click", () => this.stop());
  }

  async start() {
    if (this.running) return;
    this.#setRunning(true);
    for (const panel of Object.values(this.panels)) panel.clear();
    try {
      const submission = await this.composer.read();
      for await (const step of runScript(this.service, submission, new AbortController().signal)) this.#take(step);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.panels.problem.showRefusal(error);
      this.#say("Refused");
    } finally {
      this.#setRunning(false);
    }
  }

  /** @param {string} id Show an earlier job. The service has not kept its script, so no line is marked. */
  async showJob(id) {
    if (this.running) return;
    for (const panel of Object.values(this.panels)) panel.clear();
    try {
      const job = await this.service.job(id);
      const error = job.error && { ...job.error, line: null };
      for (const panel of Object.values(this.panels)) panel.show({ ...job, error });
      this.#say(`Earlier job: ${job.status}`);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.panels.problem.showRefusal(error);
      this.#say("Not shown");
    }
  }

  async stop() {
    if (this.jobId) await this.service.cancel(this.jobId);
  }

  #take(step) {
    if (step.type === "job") this.jobId = step.job.id;
    else if (step.type === "status") this.#say(step.status);
    else if (step.type === "stdout" || step.type === "stderr") this.panels.output.append(step.type, step.text);
    else if (step.type === "restarted") this.panels.output.clear();
    else if (step.type === "done") {
      for (const panel of Object.values(this.panels)) panel.show(step.job);
      this.#say(step.job.status);
    }
  }

  #setRunning(running) {
    this.running = running;
    byId("run").disabled = running;
    byId("stop").disabled = !running;
  }

  #say(text) {
    byId("status").textContent = text;
  }
}
