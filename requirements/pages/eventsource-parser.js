// The reader of server-sent events that the pages use.
export { EventSourceParserStream } from "eventsource-parser/stream";
