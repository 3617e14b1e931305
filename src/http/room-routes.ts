/** A room itself: `GET /rooms/{room}` (HTTP-5). */
import { authorise, forbidden } from "./authorise.ts";
import { call, JSON_HEADERS, type Routes, roomName } from "./routes.ts";

export const roomRoutes: Routes = (app, ports) => {
  app.get("/rooms/:room", async (c) => {
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, ports.config(c.env).access, "read", name);
    const info = await call(() => ports.room(c.env, name).info(claims));
    if (info === undefined) throw forbidden("read");
    return c.json(info, 200, JSON_HEADERS);
  });
};
