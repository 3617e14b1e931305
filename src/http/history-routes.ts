/** `GET /rooms/{room}/events` (HTTP-4). */
import { RelayError } from "../errors.ts";
import { authorise, forbidden } from "./authorise.ts";
import { readHistoryQuery } from "./history-query.ts";
import { call, JSON_HEADERS, type Routes, roomName } from "./routes.ts";

export const historyRoutes: Routes = (app, ports) => {
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
};
