/** The Worker's routes. Every request is checked here before an object is woken for it. */
import { Hono } from "hono/tiny";
import { RelayError } from "../errors.ts";
import { ENGINE_ERRORS } from "../protocol/engine.ts";
import { describeError, writeLine } from "../telemetry/line.ts";
import { docsRoutes } from "./docs-routes.ts";
import { engineErrorResponse } from "./engine-response.ts";
import { engineRoutes } from "./engine-routes.ts";
import { historyRoutes } from "./history-routes.ts";
import { metricsRoutes } from "./metrics-routes.ts";
import { isOriginAllowed, isOriginMalformed, preflightResponse, withCors } from "./origin.ts";
import { problemResponse } from "./problem.ts";
import { publishRoutes } from "./publish-routes.ts";
import { limitRate } from "./rate-limit.ts";
import { roomRoutes } from "./room-routes.ts";
import { type App, type AppPorts, refuseOtherMethods, refuseParameters } from "./routes.ts";
import { socketsRoutes } from "./sockets-routes.ts";

/** The relay's HTTP side. */
export function createApp(ports: AppPorts): App {
  const app: App = new Hono({ strict: false });

  app.use(async (c, next) => {
    const { origins } = ports.config(c.env);
    const request = c.req.raw;
    const engine = isEngine(c.req.path, ports.path);
    if (isOriginMalformed(request)) return originMalformed(engine);
    if (!isOriginAllowed(request, origins)) return originRefused(engine);
    if (request.method === "OPTIONS") c.res = preflightResponse();
    else await next();
    const response = withCors(request, c.res, origins);
    // Hono would put the headers of the answer until now over those of the new one.
    c.res = undefined;
    c.res = response;
    return;
  });

  // Behind the first, so that a page can read this refusal too.
  app.use(async (c, next) => {
    await limitRate(c.req.raw, c.env, isEngine(c.req.path, ports.path));
    await next();
  });

  app.get("/healthz", (c) => c.json({ status: "ok" }));
  docsRoutes(app, ports);
  engineRoutes(app, ports);
  // These read their query; those behind them have none.
  historyRoutes(app, ports);
  socketsRoutes(app, ports);
  refuseParameters(app);
  publishRoutes(app, ports);
  roomRoutes(app, ports);
  metricsRoutes(app, ports);
  refuseOtherMethods(app);
  app.notFound(() => problemResponse(new RelayError("not_found", "no such path; see /docs")));

  app.onError((error) => {
    if (error instanceof RelayError) return problemResponse(error);
    writeLine({ level: "error", event: "request_failed", ...describeError(error) });
    return problemResponse(
      new RelayError("internal", "the relay failed; the request may be tried again"),
    );
  });
  return app;
}

function originMalformed(engine: boolean): Response {
  if (engine) return engineErrorResponse(ENGINE_ERRORS.badRequest);
  return problemResponse(new RelayError("bad_request", "Origin has a control character"));
}

function originRefused(engine: boolean): Response {
  const detail = "add the origin to the variable ORIGINS";
  if (engine) {
    const message = `${ENGINE_ERRORS.forbidden.message}: ${detail}`;
    return engineErrorResponse({ ...ENGINE_ERRORS.forbidden, message });
  }
  return problemResponse(new RelayError("origin_forbidden", detail));
}

/** @param own where `io(origin)` connects */
function isEngine(path: string, own: string): boolean {
  return path === own || `${path}/` === own || /^\/rooms\/[^/]+\/socket\.io\/?$/.test(path);
}
