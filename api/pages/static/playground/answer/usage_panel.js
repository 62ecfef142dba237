// Compares the resources that the job used with its limits.

import { element } from "../../common/dom.js";
import { formatDuration } from "../../common/format.js";

/** Shares of a limit above which a bar has the colour of a warning. */
const HIGH = 0.8;

/** Bytes of a megabyte in limits of memory. */
const MB = 1024 * 1024;

export class UsagePanel {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    this.clear();
  }

  clear() {
    this.place.replaceChildren();
    this.place.hidden = true;
  }

  /** @param {import("../../common/types.js").Job} job */
  show(job) {
    const { usage, limits } = job;
    this.place.replaceChildren(
      bar("Time", usage.wall_ms, limits.timeout * 1000, formatDuration),
      bar("CPU", usage.cpu_ms, limits.cpu * 1000, formatDuration),
      bar("Memory", usage.memory_peak_bytes, limits.memory_mb * MB, formatMemory),
      element("p", { class: "quiet facts" }, facts(job)),
    );
    this.place.hidden = false;
  }
}

/** Return a bar, and its numbers as text. A meter has no colour of its own that fits both themes, so its look is in CSS. */
function bar(name, used, limit, format) {
  const id = `usage-${name.toLowerCase()}`;
  const value = used === null ? "not measured" : `${format(used)} of ${format(limit)}`;
  const meter = element("meter", { id, min: 0, max: limit, high: limit * HIGH, value: used ?? 0, "aria-valuetext": value });
  return element(
    "div", { class: "bar-row" },
    element("label", { for: id }, name), meter, element("span", { class: used === null ? "quiet" : "" }, value),
  );
}

function formatMemory(bytes) {
  return `${Number((bytes / MB).toPrecision(3))} MB`;
}

function facts(job) {
  const said = [];
  if (job.usage.queued_ms !== null) said.push(`queued ${formatDuration(job.usage.queued_ms)}`);
  if (job.sandbox) said.push(`sandbox ${job.sandbox}`);
  said.push(`environment ${job.environment}`);
  if (job.exit_code !== null) said.push(`exit code ${job.exit_code}`);
  return said.join(" · ");
}
