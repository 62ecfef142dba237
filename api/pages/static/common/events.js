// Reads server-sent events. An EventSource can send no API key, so the pages read the stream themselves.

import { EventSourceParserStream } from "../vendor/eventsource-parser.js";

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
    .pipeThrough(decoder)
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield { event: value.event ?? "message", id: value.id ?? "", data: JSON.parse(value.data) };
    }
  } finally {
    await reader.cancel().catch(() => {});
  }
}
