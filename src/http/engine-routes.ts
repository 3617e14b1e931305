/** Engine.IO requests: checked here, answered by the room's object. */
import { isClosed } from "../auth/access.ts";
import { HOW_TO_OPEN } from "../errors.ts";
import { ENGINE_ERRORS } from "../protocol/engine.ts";
import { isEngineError, readEngineRequest } from "../protocol/handshake.ts";
import { engineErrorResponse } from "./engine-response.ts";
import { type AppContext, call, type Routes, roomName } from "./routes.ts";

const DEFAULT_ROOM = "lobby";

export const engineRoutes: Routes = (app, ports) => {
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
    const room = ports.room(c.env, roomName(name));
    return call(() => room.fetch(request));
  };
  app.all(ports.path, (c) => engine(c, c.req.query("room") ?? DEFAULT_ROOM));
  app.all("/rooms/:room/socket.io/", (c) => engine(c, c.req.param("room")));
};
