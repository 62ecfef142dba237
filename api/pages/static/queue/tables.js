// The panels that are figures and tables. Each has one method: `show(numbers)`.

import { byId, element } from "../common/dom.js";
import { visibleText } from "../common/format.js";
import { Rows } from "./rows.js";
import { age, clock, count, duration } from "./units.js";

/** @typedef {import("../common/types.js").Queue} Queue */

/** The figures at the top. */
export class FiguresPanel {
  constructor() {
    this.values = ["Queued", "Running", "Workers", "Finished, last hour", "Failed, last hour"].map((name) => {
      const value = element("dd");
      byId("figures").append(element("div", {}, element("dt", {}, name), value));
      return value;
    });
  }

  /** @param {Queue} numbers */
  show({ queued, running, workers, totals }) {
    const waiting = queued.reduce((sum, each) => sum + each.jobs, 0);
    const present = workers.filter((worker) => !worker.gone).length;
    const finished = totals.succeeded + totals.failed + totals.cancelled;
    [waiting, running, present, finished, totals.failed].forEach((number, place) => {
      this.values[place].textContent = count(number);
    });
  }
}

/** The jobs in the queue by class. */
export class DepthPanel {
  constructor() {
    this.rows = new Rows(
      byId("depth"),
      ({ priority }) => priority,
      ({ priority, cells }) => [
        { high: "High", normal: "Normal", low: "Low" }[priority] ?? priority,
        ...cells.map(({ jobs, share }) => ({ text: count(jobs), share })),
      ],
    );
  }

  /** @param {Queue} numbers */
  show({ queued }) {
    const most = Math.max(1, ...queued.map((each) => each.jobs));
    const priorities = [...new Set(queued.map((each) => each.priority))];
    this.rows.show(
      priorities.map((priority) => ({
        priority,
        cells: [true, false].map((interactive) => {
          const found = queued.find((each) => each.priority === priority && each.interactive === interactive);
          return { jobs: found?.jobs ?? 0, share: (found?.jobs ?? 0) / most };
        }),
      })),
    );
  }
}

/** Why jobs failed. */
export class FailuresPanel {
  constructor() {
    this.most = 1;
    this.rows = new Rows(
      byId("failures"),
      ([type]) => type,
      ([type, jobs]) => [{ text: visibleText(type), class: "mono" }, { text: count(jobs), share: jobs / this.most }],
    );
  }

  /** @param {Queue} numbers */
  show({ totals }) {
    const failures = Object.entries(totals.failures);
    this.most = Math.max(1, ...failures.map(([, jobs]) => jobs));
    this.rows.show(failures);
    showTable("failures-table", "no-failures", failures.length > 0);
  }
}

/** The workers that take jobs, and the workers that are gone. */
export class WorkersPanel {
  constructor() {
    this.now = "";
    this.rows = new Rows(byId("workers"), (worker) => worker.id, (worker) => [
      { text: visibleText(worker.id), class: "mono" },
      worker.gone ? { text: "Gone", class: "bad" } : { text: "Takes jobs", class: "good" },
      { text: worker.sandbox, title: visibleText(worker.detail) },
      worker.environments.join(", "),
      worker.jobs_at_once === null ? "–" : count(worker.jobs_at_once),
      worker.version ?? "–",
      worker.python ?? "–",
      worker.started_at ? age(worker.started_at, this.now) : "–",
      age(worker.seen_at, this.now),
    ]);
  }

  /** @param {Queue} numbers */
  show({ at, workers }) {
    this.now = at;
    this.rows.show(workers);
    byId("workers-table").hidden = workers.length === 0;
    byId("no-workers").hidden = workers.some((worker) => !worker.gone);
  }
}

/** The latest jobs of the page's key. */
export class JobsPanel {
  constructor() {
    this.rows = new Rows(byId("jobs"), (job) => job.id, (job) => [
      { text: visibleText(job.id.slice(0, 8)), href: `./#job=${encodeURIComponent(job.id)}`, class: "mono" },
      { text: job.status, class: { succeeded: "good", failed: "bad" }[job.status] ?? "" },
      { text: visibleText(job.error_type ?? "–"), class: job.error_type ? "mono" : "quiet" },
      job.mode,
      job.environment,
      clock(job.created_at),
      duration(job.queued_ms),
      duration(job.run_ms),
    ]);
  }

  /** @param {Queue} numbers */
  show({ jobs }) {
    this.rows.show(jobs);
    showTable("jobs-table", "no-jobs", jobs.length > 0);
  }
}

function showTable(table, none, any) {
  byId(table).hidden = !any;
  byId(none).hidden = any;
}
