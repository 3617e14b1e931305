/** The description of a room's log: read, followed, published to. */
import type { Operation } from "./operation.ts";

const JSON_TYPE = "application/json";
const LINES = "application/x-ndjson";
const SSE = "text/event-stream";

const EVENTS = "/rooms/lobby/events";

export const EVENT_OPERATIONS: readonly Operation[] = [
  {
    id: "publish",
    method: "post",
    path: "/rooms/{room}/events",
    title: "Publish",
    text: "Logs one event, or several, all or none, and sends them to the room. The answer leaves when they are durable. With a key a retry is recognised: it is answered as the first time, and logged once. As application/x-ndjson the lines of an export are imported, in batches; the same lines again are duplicates.",
    scope: "write",
    headers: {
      "idempotency-key": "For one event: its key, if the body has none.",
    },
    body: { [JSON_TYPE]: "Publish", [LINES]: "Line" },
    answers: {
      200: {
        text: "All were repeats, or none was to be logged; or what an import came to.",
        content: { [JSON_TYPE]: "Published" },
      },
      201: { text: "Logged.", content: { [JSON_TYPE]: "Published" } },
    },
    errors: [
      "invalid_event",
      "invalid_key",
      "head_moved",
      "key_reused",
      "key_expired",
      "overloaded",
      "storage_full",
    ],
    examples: [
      {
        title: "One event",
        path: EVENTS,
        headers: { "content-type": JSON_TYPE },
        body: '{"event":"chat","args":["hello from curl"]}',
        status: 201,
      },
      {
        title: "One that may be retried",
        path: EVENTS,
        headers: { "content-type": JSON_TYPE, "idempotency-key": "order-17" },
        body: '{"event":"paid","args":[{"order":17}]}',
        status: 201,
      },
      {
        title: "The same again: answered, not logged",
        path: EVENTS,
        headers: { "content-type": JSON_TYPE, "idempotency-key": "order-17" },
        body: '{"event":"paid","args":[{"order":17}]}',
        status: 200,
      },
      {
        title: "Several, all or none",
        path: EVENTS,
        headers: { "content-type": JSON_TYPE },
        body: '{"events":[{"event":"a","args":[1],"idempotencyKey":"a-1"},{"event":"b","args":["it\'s"]}]}',
        status: 201,
      },
      {
        title: "Import lines",
        path: EVENTS,
        headers: { "content-type": LINES },
        body: '{"offset":"k3f9x0aa-1","event":"chat","args":["from elsewhere"]}',
        status: 200,
      },
    ],
  },
  {
    id: "read",
    method: "get",
    path: "/rooms/{room}/events",
    title: "Read",
    text: "The log in pages, forwards or backwards. With wait, an empty page is held back until an event comes. With Accept: text/event-stream the log is followed as Server-Sent Events: each message's id is its offset, and an EventSource that was cut off goes on by itself. With Accept: application/x-ndjson all that is kept comes, an event a line.",
    scope: "read",
    query: {
      schema: "HistoryQuery",
      text: {
        after: "An offset: only what comes after it. 0 for all that is kept.",
        before: "An offset: only what comes before it. Pages only.",
        order: "Oldest or newest first. Pages only.",
        limit: "Events in a page, from 1; more than 1000 (`MAX_PAGE`) counts as 1000. Pages only.",
        wait: "Seconds, 0 to 60, to wait for an event if there is none yet. Pages only.",
        event: "Only events of this name.",
        namespace: "Only events of this namespace.",
      },
    },
    headers: {
      accept: "Pages by default; text/event-stream or application/x-ndjson for the other forms.",
      "last-event-id": "Of an event stream: the offset to go on after. It goes before after.",
    },
    answers: {
      200: {
        text: "A page; or the log as a stream.",
        content: { [JSON_TYPE]: "Page", [SSE]: null, [LINES]: "Entry" },
      },
    },
    errors: ["gap"],
    examples: [
      { title: "From the beginning", path: `${EVENTS}?after=0&limit=2`, status: 200 },
      {
        title: "The newest of one name",
        path: `${EVENTS}?order=desc&limit=10&event=chat`,
        status: 200,
      },
      {
        title: "Wait for the first of a name",
        path: `${EVENTS}?after=0&event=paid&wait=30`,
        status: 200,
      },
      {
        title: "Follow it",
        path: `${EVENTS}?after=0`,
        headers: { accept: SSE },
        status: 200,
      },
      {
        title: "Export it",
        path: EVENTS,
        headers: { accept: LINES },
        status: 200,
      },
      { title: "From an offset of another log", path: `${EVENTS}?after=k3f9x0aa-1`, status: 410 },
    ],
  },
];
