// The last hour: small plots, and the same as a table. One control chooses the minute whose values they show.

import { byId } from "../common/dom.js";
import { Plot } from "./plot.js";
import { Rows } from "./rows.js";
import { count, duration, minute, rate } from "./units.js";

/** @typedef {import("../common/types.js").QueueInterval} QueueInterval */

/**
 * The plots. Their lines differ in dashes, not only in colour.
 *
 * @type {ConstructorParameters<typeof Plot>[1][]}
 */
const PLOTS = [
  {
    title: "Jobs a second",
    format: rate,
    least: 1,
    lines: [
      { name: "submitted", kind: "dotted", value: (each) => each.submitted },
      { name: "finished", kind: "solid", value: (each) => each.finished },
      { name: "failed", kind: "dashed", value: (each) => each.failed },
    ],
  },
  {
    title: "Wait in the queue",
    format: duration,
    least: 10,
    lines: [
      { name: "half of the jobs (p50)", kind: "solid", value: (each) => each.waits.p50_ms },
      { name: "95 % of the jobs (p95)", kind: "dashed", value: (each) => each.waits.p95_ms },
    ],
  },
  {
    title: "Run time",
    format: duration,
    least: 10,
    lines: [
      { name: "half of the jobs (p50)", kind: "solid", value: (each) => each.runs.p50_ms },
      { name: "95 % of the jobs (p95)", kind: "dashed", value: (each) => each.runs.p95_ms },
    ],
  },
  {
    title: "Jobs in the service",
    format: (jobs) => count(Math.round(jobs)),
    least: 2,
    lines: [
      { name: "queued", kind: "solid", value: (each) => each.queued },
      { name: "running", kind: "dotted", value: (each) => each.running },
    ],
  },
];

export class HourPanel {
  constructor() {
    /** @type {QueueInterval[]} */
    this.intervals = [];
    this.end = "";
    this.plots = PLOTS.map((plot) => new Plot(byId("plots"), plot, (time) => this.#point(time)));
    this.input = byId("minute");
    // The latest minute is shown until the person chooses another.
    this.chosen = "";
    /** @type {number | null} */
    this.pointed = null;
    this.input.addEventListener("input", () => {
      const place = Number(this.input.value);
      this.chosen = place < this.intervals.length - 1 ? this.intervals[place].start_at : "";
      this.#draw();
    });
    this.rows = new Rows(byId("minutes"), (each) => each.start_at, (each) => [
      minute(each.end_at), rate(each.submitted), rate(each.finished), rate(each.failed),
      duration(each.waits.p50_ms), duration(each.waits.p95_ms), duration(each.runs.p50_ms), duration(each.runs.p95_ms),
      count(each.queued), count(each.running),
    ]);
    byId("minutes-details").addEventListener("toggle", () => this.#fillTable());
  }

  /** @param {import("../common/types.js").Queue} numbers */
  show({ at, intervals }) {
    this.intervals = intervals;
    this.end = at;
    byId("hour").hidden = intervals.length === 0;
    byId("no-hour").hidden = intervals.length > 0;
    if (intervals.length === 0) return;
    this.#draw();
    this.#fillTable();
  }

  /** Show the values at a time. With null, show the values of the chosen minute again. */
  #point(time) {
    this.pointed = time;
    this.#draw();
  }

  #draw() {
    const last = this.intervals.length - 1;
    const chosen = this.intervals.findIndex((each) => each.start_at === this.chosen);
    if (chosen < 0) this.chosen = "";
    const place = chosen < 0 ? last : chosen;
    this.input.max = String(last);
    this.input.value = String(place);
    const shown = this.pointed === null ? this.intervals[place] : this.#nearest(this.pointed);
    byId("minute-time").textContent = minute(shown.end_at);
    this.input.setAttribute("aria-valuetext", this.#inWords(this.intervals[place]));
    for (const plot of this.plots) plot.show(this.intervals, shown, Date.parse(this.end));
  }

  #nearest(time) {
    const distance = (each) => Math.abs((Date.parse(each.start_at) + Date.parse(each.end_at)) / 2 - time);
    return this.intervals.reduce((best, each) => (distance(each) < distance(best) ? each : best));
  }

  #inWords(shown) {
    const values = PLOTS.map(({ title, format, lines }) => {
      const parts = lines.map(({ name, value }) => `${name} ${inWords(value(shown), format)}`);
      return `${title}: ${parts.join(", ")}`;
    });
    return `${minute(shown.end_at)}. ${values.join(". ")}`;
  }

  #fillTable() {
    if (byId("minutes-details").open) this.rows.show([...this.intervals].reverse());
  }
}

function inWords(value, format) {
  return value === null ? "none" : format(value);
}
