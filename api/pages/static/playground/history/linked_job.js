// Links to a job, such as those of the queue page: the fragment `#job=ID`.

import { facts } from "../../common/service.js";

/**
 * Show the job that the page's URL names, now, and again when the URL or the key changes.
 *
 * @param {import("./history.js").History} history
 * @param {import("../../common/key_field.js").KeyField} key
 */
export function openLinkedJob(history, key) {
  const open = () => {
    const id = new URLSearchParams(location.hash.slice(1)).get("job");
    if (id && (key.value || !facts.keys)) history.openJob(id);
  };
  key.onChange(open);
  addEventListener("hashchange", open);
  open();
}
