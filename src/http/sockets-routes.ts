/** `/rooms/{room}/sockets`: who is here; taking sockets out; putting them into rooms (PRES-1 to PRES-3). */
import { RelayError } from "../errors.ts";
import { authorise, denied } from "./authorise.ts";
import { readJson } from "./json-body.ts";
import {
  type AppContext,
  type AppPorts,
  call,
  JSON_HEADERS,
  type Routes,
  roomName,
} from "./routes.ts";
import { readMoveBody, readSocketsQuery, readWhom } from "./sockets-query.ts";

/** Bytes of a body: as many names as it may have, of any script. */
const MAX_BODY = 800_000;

export const socketsRoutes: Routes = (app, ports) => {
  app.get("/rooms/:room/sockets", async (c) => {
    const name = roomName(c.req.param("room"));
    const { access, room } = ports.config(c.env);
    const claims = await authorise(c.req.raw, access, "presence", name);
    const query = readSocketsQuery(new URL(c.req.url).searchParams, room.limits.page);
    const result = await call(() => ports.room(c.env, name).listSockets({ claims, ...query }));
    if (result.kind === "page") return c.body(result.body, 200, JSON_HEADERS);
    if (result.kind !== "needs_key") throw denied(result, "presence");
    throw new RelayError("forbidden", "this room has its own code: seeing its sockets takes a key");
  });
  for (const path of ["/rooms/:room/sockets", "/rooms/:room/sockets/:id"] as const) {
    app.delete(path, (c) => disconnect(c, ports, c.req.param("room"), c.req.param("id")));
    app.post(path, (c) => move(c, ports, c.req.param("room"), c.req.param("id")));
  }
};

async function disconnect(
  c: AppContext,
  ports: AppPorts,
  room: string,
  id: string | undefined,
): Promise<Response> {
  const name = roomName(room);
  const claims = await authorise(c.req.raw, ports.config(c.env).access, "admin", name);
  const whom = readWhom(id, new URL(c.req.url).searchParams);
  const result = await call(() => ports.room(c.env, name).disconnectSockets({ claims, whom }));
  switch (result.kind) {
    case "done":
      return c.json({ disconnected: result.disconnected }, 200, JSON_HEADERS);
    case "unknown":
      throw unknownSocket();
    case "forbidden":
    case "token_expired":
      throw denied(result, "admin");
  }
}

async function move(
  c: AppContext,
  ports: AppPorts,
  room: string,
  id: string | undefined,
): Promise<Response> {
  const name = roomName(room);
  const claims = await authorise(c.req.raw, ports.config(c.env).access, "admin", name);
  const whom = readWhom(id, new URL(c.req.url).searchParams);
  const rooms = readMoveBody(await readJson(c.req.raw, MAX_BODY));
  const result = await call(() => ports.room(c.env, name).moveSockets({ claims, whom, ...rooms }));
  switch (result.kind) {
    case "moved":
      return c.json({ sockets: result.sockets }, 200, JSON_HEADERS);
    case "unknown":
      throw unknownSocket();
    case "too_many_rooms":
      throw new RelayError("too_many_rooms", result.detail);
    case "forbidden":
    case "token_expired":
      throw denied(result, "admin");
  }
}

function unknownSocket(): RelayError {
  return new RelayError("not_found", "no socket has this id");
}
