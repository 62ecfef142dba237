// The links to a script: makes one, and opens one. A link never runs its script.

import { byId, element } from "../../common/dom.js";
import { formatBytes } from "../../common/format.js";
import { CopyBox } from "./copy_box.js";
import { makeDialog } from "./dialog.js";
import { attached } from "../request/file_contents.js";
import { FieldError } from "../request/field_error.js";
import { count } from "../request/input_fields.js";
import { fromFragment, isLink, LINKED_FILES_BYTES, LinkError, toFragment } from "./link.js";

/** Some programs cut longer links. */
const LONG = 8_000;

export class Share {
  /**
   * @param {import("../composer.js").Composer} composer
   * @param {import("../notice.js").Notice} notice
   */
  constructor(composer, notice) {
    this.composer = composer;
    this.notice = notice;
    this.box = new CopyBox("share-link", "Link", 4);
    this.about = element("p", {});
    this.dialog = makeDialog("share-dialog", "Share this script", this.about, this.box.element, element(
      "p", { class: "hint" }, "The script is in the link itself, after #. Browsers do not send that part to a server. " +
        "The link has no API key. Everyone who has the link can read the script and its input.",
    ));
    byId("share").addEventListener("click", () => this.#share());
    addEventListener("hashchange", () => this.openLink());
  }

  /** Show the script of the page's own address, if it has one. */
  async openLink() {
    const fragment = location.hash;
    if (!isLink(fragment)) return;
    try {
      const submission = await fromFragment(fragment);
      // The address may have changed again meanwhile.
      if (fragment !== location.hash) return;
      this.composer.replace(submission, "This script came with a link. Read it before you run it.");
    } catch (error) {
      if (!(error instanceof LinkError)) throw error;
      this.notice.show(error.message);
    }
  }

  async #share() {
    try {
      const { files = [], ...rest } = await this.composer.read();
      const size = files.reduce((total, file) => total + attached(file).size, 0);
      const small = size <= LINKED_FILES_BYTES;
      const submission = files.length && small ? { ...rest, files } : rest;
      const url = new URL(location.href);
      url.hash = await toFragment(submission);
      this.box.show(url.href);
      const left = small ? "" : `It leaves out ${count(files.length, "file")} of ${formatBytes(size)}: a link can have ` +
        `${formatBytes(LINKED_FILES_BYTES)} of files. `;
      const long = url.href.length > LONG ? "Some programs cut links of this length. " : "";
      this.about.textContent = `The link has ${count(url.href.length, "character")}. ${left}${long}`;
      this.dialog.showModal();
      this.box.area.select();
    } catch (error) {
      if (error instanceof LinkError) this.notice.show(error.message);
      else if (!(error instanceof FieldError)) throw error;
    }
  }
}
