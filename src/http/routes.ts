/** What every file of routes needs: the relay's ports, and the answers that several of them give. */
import type { Context, Hono } from "hono";
import { matchedRoutes } from "hono/route";
import type { Config } from "../config.ts";
import type { Env } from "../env.ts";
import { RelayError } from "../errors.ts";
import { isRoomName } from "../protocol/names.ts";
import { describeError, writeLine } from "../telemetry/line.ts";
import { problemResponse } from "./problem.ts";
import { NoQuery, readQuery } from "./query.ts";
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

export type App = Hono<{ Bindings: Env }>;
export type AppContext<Path extends string = string> = Context<{ Bindings: Env }, Path>;

/** Adds routes to the app. */
export type Routes = (app: App, ports: AppPorts) => void;

export const JSON_HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

/** @throws RelayError `invalid_room` (ADDR-1) */
export function roomName(name: string): string {
  if (isRoomName(name)) return name;
  const detail = "a room's name is 1 to 128 characters of A-Z a-z 0-9 _ . : ~ -";
  throw new RelayError("invalid_room", detail);
}

/** Calls the room's object; an overload or a restart is told as something that passes. */
export async function call<T>(request: () => Promise<T>): Promise<T> {
  try {
    return await request();
  } catch (error) {
    writeLine({ level: "error", event: "room_unavailable", ...describeError(error) });
    throw new RelayError("unavailable", "the room did not answer; try again, with the same key");
  }
}

/**
 * Refuses every query parameter of the routes that are added behind it: what is passed over in
 * silence would be taken for granted by its sender. Paths and methods that no route has go on.
 */
export function refuseParameters(app: App): void {
  app.use("/rooms/*", async (c, next) => {
    const isRoute = matchedRoutes(c).some(({ method }) => method !== "ALL");
    if (isRoute) readQuery(NoQuery, new URL(c.req.url).searchParams);
    await next();
  });
}

/** In the order in which they are told. */
const METHODS = ["GET", "POST", "PATCH", "DELETE"];

/** Answers 405 where a path has routes, but none for the method: after all of them. */
export function refuseOtherMethods(app: App): void {
  const methods = new Map<string, string[]>();
  for (const { method, path } of app.routes) {
    methods.set(path, [...(methods.get(path) ?? []), method]);
  }
  for (const [path, allowed] of methods) {
    if (allowed.includes("ALL")) continue;
    app.all(path, () => methodNotAllowed(METHODS.filter((method) => allowed.includes(method))));
  }
}

function methodNotAllowed(allowed: readonly string[]): Response {
  const list = allowed.join(", ");
  const response = problemResponse(new RelayError("method_not_allowed", `use one of ${list}`));
  response.headers.set("allow", list);
  return response;
}
