// The field for the API key. The key is kept in this field only: no storage, no cookie, no URL.

import { byId } from "./dom.js";
import { facts } from "./service.js";

export class KeyField {
  /** Show the field if the service has keys. */
  constructor() {
    this.input = byId("api-key");
    byId("api-key-label").hidden = !facts.keys;
  }

  /** @returns {string} The key, "" for none. */
  get value() {
    return this.input.value.trim();
  }

  /** @param {() => void} listener Called when the person has entered another key. */
  onChange(listener) {
    this.input.addEventListener("change", listener);
  }
}
