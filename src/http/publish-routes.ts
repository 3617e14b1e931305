/** `POST /rooms/{room}/events` (HTTP-1, HTTP-2, HTTP-8). */
import { RelayError } from "../errors.ts";
import { sizeOf } from "../protocol/attachments.ts";
import { isLongerThan } from "../protocol/engine.ts";
import { type Encoded, isTooLarge } from "../room/outgoing.ts";
import { authorise, forbidden } from "./authorise.ts";
import { readJson } from "./body.ts";
import { readPublishBody } from "./publish-body.ts";
import { call, type Routes, roomName } from "./routes.ts";

/** Bytes of a publish request's body: a batch of many events, or a large one. */
const MAX_PUBLISH_BODY = 4_000_000;

export const publishRoutes: Routes = (app, ports) => {
  app.post("/rooms/:room/events", async (c) => {
    const { access, session } = ports.config(c.env);
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, access, "write", name);
    const text = await readJson(c.req.raw, MAX_PUBLISH_BODY);
    const { events, batch, ifHead } = readPublishBody(
      text,
      c.req.header("idempotency-key") ?? null,
    );
    const { maxPayload } = session;
    const isOver = ({ data, attachments }: Encoded) =>
      isLongerThan(data, maxPayload) || sizeOf(attachments) > maxPayload;
    if (events.some((event) => isOver(event) || isTooLarge(event))) {
      throw new RelayError("too_large", `an event may have ${maxPayload} bytes`);
    }
    const result = await call(() => ports.room(c.env, name).publish({ claims, events, ifHead }));
    switch (result.kind) {
      case "published": {
        const created = result.events.some((event) => "duplicate" in event && !event.duplicate);
        const status = created ? 201 : 200;
        return c.json(batch ? { events: result.events } : result.events[0], status);
      }
      case "needs_key":
        throw new RelayError("forbidden", "this room has its own code: publishing takes a key");
      case "head_moved": {
        const { head } = result;
        throw new RelayError("head_moved", "something was logged since; nothing was now", { head });
      }
      case "key_reused":
        throw new RelayError("key_reused", "the stored event has other content; it stays as it is");
      case "key_expired":
        throw new RelayError("key_expired", "whether its event was logged is not known any more");
      case "forbidden":
        throw forbidden("write");
      case "storage_full":
        throw new RelayError("storage_full", "new events are refused until some have been trimmed");
      case "rate_limited": {
        const { retryAfter } = result;
        throw new RelayError("rate_limited", "publish more slowly", { retryAfter });
      }
      case "overloaded":
        throw new RelayError("overloaded", "too much waits to be logged; nothing was of this");
      case "failed":
        throw new RelayError("unavailable", "nothing was logged; send it again with the same key");
    }
  });
};
