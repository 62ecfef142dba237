// One artifact. Pictures and plain text are shown. Everything else is only saved: HTML or SVG of a script could run
// code in the page.

import { element } from "../../common/dom.js";
import { formatBytes, visibleText } from "../../common/format.js";
import { saveFile } from "../../common/saving.js";
import { ServiceError } from "../../common/service.js";
import { PIXELS_MOST, readImageHeader } from "./image_header.js";

const PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp"];
const TEXTS = ["text/plain", "text/csv", "text/tab-separated-values", "text/markdown", "application/json"];

/** Bytes of a text that are shown. */
const TEXT_MOST = 64 * 1024;

/** Characters of a path that are shown. */
const PATH_MOST = 300;

export class ArtifactView {
  /**
   * @param {import("../../common/types.js").Artifact} artifact
   * @param {() => Promise<ArrayBuffer>} fetchBytes
   * @param {(pixels: number) => boolean} takePixels Takes room for a picture, and says whether there was so much.
   */
  constructor(artifact, fetchBytes, takePixels) {
    this.artifact = artifact;
    this.fetchBytes = fetchBytes;
    this.takePixels = takePixels;
    this.type = artifact.media_type.split(";")[0].trim();
    this.path = visibleText(artifact.path.slice(0, PATH_MOST)).replace(/\s/g, " ");
    this.url = "";
    this.closed = false;
    this.preview = element("div", { class: "preview" });
    this.said = element("p", { class: "quiet", role: "status" });
    this.tools = element("span", { class: "tools" });
    this.element = element(
      "li", { class: "artifact" },
      element(
        "div", { class: "heading" }, element("span", { class: "path mono" }, this.path),
        element("span", { class: "quiet" }, `${visibleText(this.type.slice(0, 80))}, ${formatBytes(artifact.size)}`),
        this.tools,
      ),
      this.said, this.preview,
    );
    if (artifact.dropped) this.#say("Not kept: the file was too large for the limits, or the service was full.");
    else this.#offer();
  }

  /** Release the bytes. */
  close() {
    this.closed = true;
    if (this.url) URL.revokeObjectURL(this.url);
    this.url = "";
  }

  #offer() {
    if (PICTURES.includes(this.type)) this.#attempt((bytes) => this.#showPicture(bytes));
    if (TEXTS.includes(this.type)) this.tools.append(this.#button("Show", (bytes) => this.#showText(bytes)));
    this.tools.append(this.#button("Download", (bytes) => saveFile(bytes, this.artifact.path.split("/").at(-1) ?? "")));
  }

  #button(label, act) {
    const attributes = { type: "button", class: "plain", "aria-label": `${label} ${this.path}` };
    return element("button", { ...attributes, onclick: () => this.#attempt(act) }, label);
  }

  /** Fetch the bytes, and do something with them. The bytes are not kept: each job can have eight megabytes. */
  async #attempt(act) {
    this.#say("");
    try {
      const bytes = await this.fetchBytes();
      if (!this.closed) act(bytes);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#say(error.status === 404 ? "The service no longer has this file." : error.message);
    }
  }

  #showPicture(bytes) {
    const header = readImageHeader(bytes);
    if (!header) return this.#say("Not shown: this is not a PNG, JPEG, GIF or WebP picture.");
    if (header.width * header.height > PIXELS_MOST) {
      return this.#say(`Not shown: ${header.width} × ${header.height} pixels are too many.`);
    }
    if (!this.takePixels(header.width * header.height)) {
      return this.#say("Not shown: the pictures together have too many pixels.");
    }
    this.url = URL.createObjectURL(new Blob([bytes], { type: header.type }));
    const failed = () => {
      this.preview.replaceChildren();
      this.#say("Not shown: the picture is damaged.");
    };
    const { width, height } = header;
    this.preview.replaceChildren(element("img", { src: this.url, alt: this.path, width, height, onerror: failed }));
    return undefined;
  }

  #showText(bytes) {
    const text = visibleText(new TextDecoder().decode(bytes.slice(0, TEXT_MOST)));
    const attributes = { tabindex: 0, role: "region", "aria-label": `Contents of ${this.path}` };
    this.preview.replaceChildren(element("pre", attributes, text));
    if (bytes.byteLength > TEXT_MOST) this.#say(`The first ${formatBytes(TEXT_MOST)}. Download saves all of it.`);
  }

  #say(text) {
    this.said.textContent = text;
    this.said.hidden = text === "";
  }
}
