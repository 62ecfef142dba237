// One small plot of the last hour.
//
// The drawing is stretched to the width of the page, so it has lines only. The labels are text beside it. Each interval
// is a level line, so a minute between two gaps is visible too.

import { drawing, element } from "../common/dom.js";
import { minute } from "./units.js";

/** @typedef {import("../common/types.js").QueueInterval} QueueInterval */
/** @typedef {{name: string, kind: "solid" | "dashed" | "dotted", value: (each: QueueInterval) => number | null}} Line */

const HOUR = 3_600_000;
const WIDTH = 600;
const HEIGHT = 100;

export class Plot {
  /**
   * @param {HTMLElement} place
   * @param {{title: string, format: (value: number) => string, least: number, lines: Line[]}} plot `least`: the least value
   *     at the top.
   * @param {(time: number | null) => void} onPoint Called with the time at the pointer, null once it has left.
   */
  constructor(place, { title, format, least, lines }, onPoint) {
    this.title = title;
    this.format = format;
    this.least = least;
    this.lines = lines;
    this.end = 0;
    this.values = lines.map(() => element("span", { class: "value" }));
    this.paths = lines.map(({ kind }) => drawing("path", { class: `line ${kind}` }));
    this.cursor = drawing("path", { class: "cursor" });
    this.canvas = drawing(
      "svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" },
      drawing("path", { class: "grid", d: `M0 ${HEIGHT / 2}H${WIDTH}` }), this.cursor, ...this.paths,
    );
    this.scale = [1, 0.5, 0].map(() => element("span"));
    this.times = [0, 1, 2].map(() => element("span"));
    this.canvas.addEventListener("pointermove", (event) => {
      const { left, width } = this.canvas.getBoundingClientRect();
      onPoint(this.end - HOUR + ((event.clientX - left) / width) * HOUR);
    });
    this.canvas.addEventListener("pointerleave", () => onPoint(null));
    place.append(this.#figure());
  }

  /**
   * @param {QueueInterval[]} intervals
   * @param {QueueInterval} shown The interval whose values are shown as text.
   * @param {number} end The time at the right edge, in milliseconds since the epoch.
   */
  show(intervals, shown, end) {
    this.end = end;
    const all = this.lines.flatMap(({ value }) => intervals.map(value)).map((value) => value ?? 0);
    const top = this.#top(Math.max(...all));
    this.lines.forEach(({ value }, place) => {
      this.paths[place].setAttribute("d", this.#path(intervals, value, top));
      this.values[place].textContent = this.#text(value(shown));
    });
    const middle = this.#x((Date.parse(shown.start_at) + Date.parse(shown.end_at)) / 2);
    this.cursor.setAttribute("d", `M${middle} 0V${HEIGHT}`);
    [top, top / 2, 0].forEach((value, place) => (this.scale[place].textContent = this.format(value)));
    [end - HOUR, end - HOUR / 2, end].forEach((time, place) => {
      this.times[place].textContent = minute(new Date(time).toISOString());
    });
    const latest = intervals[intervals.length - 1];
    const words = this.lines.map(({ name, value }) => {
      const most = Math.max(...intervals.map(value).map((each) => each ?? 0));
      return `${name}: ${this.#text(value(latest))} in the latest minute, at most ${this.format(most)}`;
    });
    this.canvas.setAttribute("aria-label", `${this.title} in the last hour. ${words.join("; ")}.`);
  }

  #figure() {
    const legend = this.lines.map(({ name, kind }, place) => {
      const sample = drawing(
        "svg", { viewBox: "0 0 24 4", class: "sample", "aria-hidden": "true" },
        drawing("path", { class: `line ${kind}`, d: "M0 2H24" }),
      );
      return element("li", {}, sample, `${name} `, this.values[place]);
    });
    return element(
      "figure", { class: "plot" },
      element("figcaption", {}, this.title),
      element("ul", { class: "legend" }, ...legend),
      element("div", { class: "scale", "aria-hidden": "true" }, ...this.scale),
      this.canvas,
      element("div", { class: "times", "aria-hidden": "true" }, ...this.times),
    );
  }

  /** Return the path of a line, with a break where there is no value. */
  #path(intervals, value, top) {
    let path = "";
    let before = "";
    for (const each of intervals) {
      const height = value(each);
      if (height === null) {
        before = "";
        continue;
      }
      const y = (HEIGHT * (1 - height / top)).toFixed(1);
      const start = this.#x(Date.parse(each.start_at));
      path += before === each.start_at ? `V${y}` : `M${start} ${y}`;
      path += `H${this.#x(Date.parse(each.end_at))}`;
      before = each.end_at;
    }
    return path;
  }

  #x(time) {
    return Math.max(0, WIDTH * (1 - (this.end - time) / HOUR)).toFixed(1);
  }

  /** Return 1, 2, 4 or 6 times a power of ten: the least that is not below the largest value. */
  #top(most) {
    if (most <= this.least) return this.least;
    const power = 10 ** Math.floor(Math.log10(most));
    // Half of it is a label too, so 5 is left out: there are no two and a half jobs.
    return [1, 2, 4, 6, 10].map((step) => step * power).find((step) => step >= most) ?? 10 * power;
  }

  #text(value) {
    return value === null ? "–" : this.format(value);
  }
}
