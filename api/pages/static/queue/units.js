// Times, ages and rates for people.

import { formatDuration } from "../common/format.js";

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const MINUTE = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** @param {string} at @returns {string} A time of the day with seconds. */
export function clock(at) {
  return CLOCK.format(new Date(at));
}

/** @param {string} at @returns {string} A time of the day. */
export function minute(at) {
  return MINUTE.format(new Date(at));
}

/** @param {string} from @param {string} to @returns {string} Such as "12 min ago". */
export function age(from, to) {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h ago`;
  return `${Math.floor(seconds / 86_400)} days ago`;
}

/** @param {number} perSecond @returns {string} A number of two digits or more. */
export function rate(perSecond) {
  return String(perSecond < 10 ? Number(perSecond.toPrecision(2)) : Math.round(perSecond));
}

/** @param {number | null} ms @returns {string} */
export function duration(ms) {
  return ms === null ? "–" : formatDuration(ms < 1 ? Number(ms.toFixed(1)) : ms);
}

/** @param {number} jobs @returns {string} */
export function count(jobs) {
  return jobs.toLocaleString();
}
