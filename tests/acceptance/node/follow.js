// Follows the job at a URL with fetch and eventsource-parser. Prints each event as one line of JSON.
import { EventSourceParserStream } from 'eventsource-parser/stream'

const [url, body] = process.argv.slice(2)
const headers = { Accept: 'text/event-stream', 'Content-Type': 'application/json' }
const answer = await fetch(url, { method: 'POST', headers, body })
const events = answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
for await (const { event, id, data } of events) console.log(JSON.stringify({ event, id, data: JSON.parse(data) }))
