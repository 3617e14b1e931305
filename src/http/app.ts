/** The Worker's routes. Every request is checked here before an object is woken for it. */
import type { Context } from "hono";
import { Hono } from "hono/tiny";
import { isClosed } from "../auth/access.ts";
import type { Config, Env } from "../env.ts";
import { HOW_TO_OPEN, RelayError } from "../errors.ts";
import { sizeOf } from "../protocol/attachments.ts";
import { ENGINE_ERRORS, isLongerThan } from "../protocol/engine.ts";
import { isEngineError, readEngineRequest } from "../protocol/handshake.ts";
import { isRoomName } from "../protocol/names.ts";
import { type Encoded, isTooLarge } from "../room/outgoing.ts";
import { authorise, forbidden } from "./authorise.ts";
import { readText } from "./body.ts";
import { engineErrorResponse } from "./engine-response.ts";
import { readHistoryQuery } from "./history-query.ts";
import { isOriginAllowed, preflightResponse, withCors } from "./origin.ts";
import { problemResponse } from "./problem.ts";
import { readPublishBody } from "./publish-body.ts";
import type { RoomStub } from "./room-stub.ts";

/** What the Worker gives its routes. */
export type AppPorts = {
  /** Where `io(origin)` connects. */
  readonly path: string;
  /** The settings, read once; throws what is wrong with them. */
  config(env: Env): Config;
  /** The object of a room. */
  room(env: Env, name: string): RoomStub;
};

type AppContext = Context<{ Bindings: Env }>;

/** Bytes of a publish request's body: a batch of many events, or a large one. */
const MAX_PUBLISH_BODY = 4_000_000;

const DEFAULT_ROOM = "lobby";

const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** The relay's HTTP side. */
export function createApp(ports: AppPorts): Hono<{ Bindings: Env }> {
  const app = new Hono<{ Bindings: Env }>({ strict: false });

  app.use(async (c, next) => {
    const { origins } = ports.config(c.env);
    const request = c.req.raw;
    if (!isOriginAllowed(request, origins)) return originRefused(c.req.path);
    if (request.method === "OPTIONS") c.res = preflightResponse();
    else await next();
    c.res = withCors(request, c.res, origins);
    return;
  });

  app.get("/healthz", (c) => c.json({ status: "ok" }));

  const engine = (c: AppContext, name: string) => {
    const request = c.req.raw;
    const upgrade = request.headers.get("upgrade")?.toLowerCase() === "websocket";
    const { searchParams: query } = new URL(request.url);
    const asked = readEngineRequest({ method: request.method, query, upgrade });
    if (isEngineError(asked)) return engineErrorResponse(asked);
    if (isClosed(ports.config(c.env).access)) {
      const message = `Forbidden: this relay is closed. ${HOW_TO_OPEN}`;
      return engineErrorResponse({ ...ENGINE_ERRORS.forbidden, message });
    }
    return ports.room(c.env, roomName(name)).fetch(request);
  };
  app.all(ports.path, (c) => engine(c, c.req.query("room") ?? DEFAULT_ROOM));
  app.all("/rooms/:room/socket.io/", (c) => engine(c, c.req.param("room")));

  app.post("/rooms/:room/events", async (c) => {
    const { access, session } = ports.config(c.env);
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, access, "write", name);
    const text = await readJson(c.req.raw);
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
      case "failed":
        throw new RelayError("unavailable", "nothing was logged; send it again with the same key");
    }
  });

  app.get("/rooms/:room/events", async (c) => {
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, ports.config(c.env).access, "read", name);
    const query = readHistoryQuery(new URL(c.req.url).searchParams);
    const result = await call(() => ports.room(c.env, name).history({ claims, ...query }));
    switch (result.kind) {
      case "page":
        return c.body(result.body, 200, JSON_HEADERS);
      case "forbidden":
        throw forbidden("read");
      case "gap": {
        const { kind: _, ...gap } = result;
        if (gap.reason === "malformed") throw new RelayError("invalid_query", "not an offset");
        throw new RelayError("gap", `the offset can't be served: ${gap.reason}`, gap);
      }
    }
  });

  app.get("/rooms/:room", async (c) => {
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, ports.config(c.env).access, "read", name);
    const info = await call(() => ports.room(c.env, name).info(claims));
    if (info === undefined) throw forbidden("read");
    return c.json(info, 200, JSON_HEADERS);
  });

  app.all("/rooms/:room/events", () => methodNotAllowed("GET, POST"));
  app.all("/rooms/:room", () => methodNotAllowed("GET"));
  app.notFound(() => problemResponse(new RelayError("not_found", "no such path; see the README")));

  app.onError((error) => {
    if (error instanceof RelayError) return problemResponse(error);
    console.error(error);
    return problemResponse(
      new RelayError("internal", "the relay failed; the request may be tried again"),
    );
  });
  return app;
}

function originRefused(path: string): Response {
  if (/\/socket\.io\/?$/.test(path)) return engineErrorResponse(ENGINE_ERRORS.forbidden);
  const detail = "add the origin to the variable ORIGINS";
  return problemResponse(new RelayError("origin_forbidden", detail));
}

function methodNotAllowed(allowed: string): Response {
  const response = problemResponse(new RelayError("method_not_allowed", `use one of ${allowed}`));
  response.headers.set("allow", allowed);
  return response;
}

function roomName(name: string): string {
  if (isRoomName(name)) return name;
  const detail = "a room's name is 1 to 128 characters of A-Z a-z 0-9 _ . : ~ -";
  throw new RelayError("invalid_room", detail);
}

async function readJson(request: Request): Promise<string> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new RelayError("unsupported_media_type", "send content-type: application/json");
  }
  return await readText(request, MAX_PUBLISH_BODY);
}

/** Calls the room's object; an overload or a restart is told as something that passes. */
async function call<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    console.error(error);
    throw new RelayError("unavailable", "the room did not answer; try again, with the same key");
  }
}
