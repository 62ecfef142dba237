// Reads server-sent events. An EventSource can send no API key, so the pages read the stream themselves.

import { EventSourceParserStream } from "../vendor/eventsource-parser.js";
import { parseJson } from "./json.js";

/** Milliseconds without a byte after which a stream is dead. The service sends a comment after 15 seconds of silence. */
const SILENCE_MOST = 45_000;

/**
 * Yield the events of a stream, with their data as JSON values.
 *
 * @param {ReadableStream<Uint8Array>} stream
 * @returns {AsyncGenerator<import("./types.js").ServerEvent>}
 */
export async function* readEvents(stream) {
  /** @type {ReadableWritablePair<string, any>} */
  const decoder = new TextDecoderStream();
  const reader = stream
    .pipeThrough(breakInSilence())
    .pipeThrough(decoder)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { event: value.event ?? "message", id: value.id ?? "", data: parseJson(value.data) };
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}

/** Return a stream that passes everything on, and fails when nothing comes for too long. */
function breakInSilence() {
  let timer = 0;
  const restart = (controller) => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.error(new Error("the stream is silent")), SILENCE_MOST);
  };
  return new TransformStream({
    start: restart,
    transform(chunk, controller) {
      restart(controller);
      controller.enqueue(chunk);
    },
    flush: () => clearTimeout(timer),
  });
}
