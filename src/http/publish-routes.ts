/** `POST /rooms/{room}/events`: events (HTTP-1, HTTP-2, HTTP-8), or a log's lines (HTTP-12). */
import { RelayError } from "../errors.ts";
import type { PublishRequest } from "../room/publish.ts";
import { authorise } from "./authorise.ts";
import { importLines, LINES_TYPE } from "./import.ts";
import { mediaTypeOf, readJson } from "./json-body.ts";
import { patiently } from "./patience.ts";
import { assertSize, publishedOf } from "./publish-answer.ts";
import { readPublishBody } from "./publish-body.ts";
import { call, JSON_HEADERS, type Routes, roomName } from "./routes.ts";

/** Bytes of a publish request's body: a batch of many events, or a large one. */
const MAX_PUBLISH_BODY = 4_000_000;

export const publishRoutes: Routes = (app, ports) => {
  app.post("/rooms/:room/events", async (c) => {
    const { access, session, room: settings } = ports.config(c.env);
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, access, "write", name);
    const room = ports.room(c.env, name);
    const publish = async (request: Omit<PublishRequest, "claims">) => {
      for (const event of request.events) {
        assertSize(event, session.maxPayload, settings.limits.attachments);
      }
      return publishedOf(await call(() => room.publish({ claims, ...request })));
    };

    const { raw } = c.req;
    const key = c.req.header("idempotency-key") ?? null;
    if (mediaTypeOf(raw) === LINES_TYPE) {
      if (key !== null) throw new RelayError("invalid_key", "each line has its own idempotencyKey");
      return c.json(await importLines(raw, patiently(publish)), 200, JSON_HEADERS);
    }
    const text = await readJson(raw, MAX_PUBLISH_BODY);
    const { events, batch, ifHead } = readPublishBody(text, key);
    const published = await publish({ events, ifHead });
    const created = published.events.some((event) => "duplicate" in event && !event.duplicate);
    return c.json(batch ? { events: published.events } : published.events[0], created ? 201 : 200);
  });
};
