/** `GET /rooms/{room}/metrics` (HTTP-31). */
import { PROMETHEUS_TYPE } from "../telemetry/prometheus.ts";
import { answerOf, authorise } from "./authorise.ts";
import { call, type Routes, roomName } from "./routes.ts";

const HEADERS = { "content-type": PROMETHEUS_TYPE, "cache-control": "no-store" };

export const metricsRoutes: Routes = (app, ports) => {
  app.get("/rooms/:room/metrics", async (c) => {
    const name = roomName(c.req.param("room"));
    const claims = await authorise(c.req.raw, ports.config(c.env).access, "admin", name);
    const metrics = await call(() => ports.room(c.env, name).metrics(claims));
    return c.body(answerOf(metrics, "admin"), 200, HEADERS);
  });
};
