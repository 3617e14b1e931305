/** A room itself: what it is like, its settings, a new beginning (HTTP-5, HTTP-13 to HTTP-15). */
import type { Claims } from "../auth/access.ts";
import type { Scope } from "../auth/scope.ts";
import type { Answer } from "../room/rights.ts";
import { answerOf, authorise } from "./authorise.ts";
import { readJson } from "./json-body.ts";
import type { RoomStub } from "./room-stub.ts";
import { type AppContext, call, JSON_HEADERS, type Routes, roomName } from "./routes.ts";
import { readSettingsBody } from "./settings-body.ts";

/** Bytes of the body of a PATCH. */
const MAX_SETTINGS = 64_000;

export const roomRoutes: Routes = (app, ports) => {
  /** Asks the room's object for something that takes this scope. */
  async function ask<T>(
    c: AppContext<"/rooms/:room">,
    scope: Scope,
    request: (room: RoomStub, claims: Claims) => Promise<Answer<T>>,
  ): Promise<T> {
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, ports.config(c.env).access, scope, name);
    return answerOf(await request(ports.room(c.env, name), claims), scope);
  }

  app.get("/rooms/:room", async (c) => {
    const info = await ask(c, "read", (room, claims) => call(() => room.info(claims)));
    return c.json(info, 200, JSON_HEADERS);
  });

  app.patch("/rooms/:room", async (c) => {
    const settings = await ask(c, "admin", async (room, claims) => {
      const patch = readSettingsBody(await readJson(c.req.raw, MAX_SETTINGS));
      return await call(() => room.configure(claims, patch));
    });
    return c.json({ settings }, 200, JSON_HEADERS);
  });

  app.delete("/rooms/:room", async (c) => {
    const extent = await ask(c, "admin", (room, claims) => call(() => room.renew(claims, false)));
    return c.json(extent, 200, JSON_HEADERS);
  });

  app.post("/rooms/:room/epoch", async (c) => {
    const extent = await ask(c, "admin", (room, claims) => call(() => room.renew(claims, true)));
    return c.json(extent, 200, JSON_HEADERS);
  });
};
