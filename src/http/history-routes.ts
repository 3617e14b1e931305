/** `GET /rooms/{room}/events`: a page (HTTP-4, HTTP-9), or the log as a stream (HTTP-10, HTTP-11). */
import { RelayError } from "../errors.ts";
import type { HistoryResult } from "../room/history.ts";
import { authorise, denied } from "./authorise.ts";
import { readHistoryQuery, readStreamQuery } from "./history-query.ts";
import { LINES_TYPE } from "./import.ts";
import { mediaTypeFor } from "./negotiate.ts";
import { type AppContext, call, JSON_HEADERS, type Routes, roomName } from "./routes.ts";

const SSE = "text/event-stream";

/** `no-transform` as well: a cache that compresses would hold the events back. */
const STREAM_HEADERS = { "cache-control": "no-store, no-transform", vary: "Accept" };

export const historyRoutes: Routes = (app, ports) => {
  app.get("/rooms/:room/events", async (c) => {
    const name = roomName(c.req.param("room"));
    const { access, room: settings } = ports.config(c.env);
    const claims = await authorise(c.req.raw, access, "read", name);
    const room = ports.room(c.env, name);
    const query = new URL(c.req.url).searchParams;
    const type = acceptedType(c);
    if (type === "application/json") {
      const request = { claims, ...readHistoryQuery(query, settings.limits.page) };
      const page = await call(() => room.history(request));
      if (page.kind !== "page") throw refusal(page);
      return c.body(page.body, 200, { ...JSON_HEADERS, vary: "Accept" });
    }
    const { after: asked, ...filter } = readStreamQuery(query);
    // An EventSource sends none before it has had an event; another client, an empty one.
    const after = type === SSE ? c.req.header("last-event-id") || asked : asked;
    const form = type === SSE ? "events" : "lines";
    const stream = await call(() => room.stream({ claims, form, after, ...filter }));
    if (stream.kind !== "stream") throw refusal(stream);
    return c.body(stream.body, 200, { ...STREAM_HEADERS, "content-type": type });
  });
};

/** A HEAD has no body that could be followed. */
function acceptedType(c: AppContext) {
  const types = c.req.raw.method === "HEAD" ? [] : [SSE, LINES_TYPE];
  return mediaTypeFor(c.req.header("accept"), ["application/json", ...types]);
}

type Refused = Exclude<HistoryResult, { kind: "page" }>;

function refusal(result: Refused): RelayError {
  if (result.kind !== "gap") return denied(result, "read");
  const { kind: _, ...gap } = result;
  if (gap.reason === "malformed") return new RelayError("invalid_query", "after: is not an offset");
  return new RelayError("gap", `the offset can't be served: ${gap.reason}`, gap);
}
