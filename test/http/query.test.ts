/** The query of a request: what a route does not take, it refuses. */
import { describe, expect, it } from "vitest";
import { readConfig } from "../../src/config.ts";
import { createApp } from "../../src/http/app.ts";
import type { Operation } from "../../src/http/openapi/operation.ts";
import { GROUPS } from "../../src/http/openapi/operations.ts";
import { SCHEMAS } from "../../src/http/openapi/schemas.ts";
import type { AppPorts } from "../../src/http/routes.ts";

const operations = GROUPS.flatMap(([, group]) => group);
const ofRooms = operations.filter(({ path }) => path.startsWith("/rooms/"));
const others = operations.filter(({ path }) => !path.startsWith("/rooms/"));

const config = readConfig({});
const ports: AppPorts = {
  path: "/socket.io/",
  config: () => ({ ...config, access: { keys: [], anonymous: ["admin"] } }),
  room: () => new Proxy({} as ReturnType<AppPorts["room"]>, { get: () => asked }),
};

function asked(): never {
  throw new Error("the room was asked");
}

/** Asks what an operation describes, with `parameters` beside those that it needs. */
async function ask({ method, path, query }: Operation, parameters: string) {
  const needed = query === undefined ? [] : SCHEMAS[query.schema].required;
  const search = [...needed.map((name) => `${name}=a`), parameters].join("&");
  const url = `${path.replace("{room}", "lobby").replace("{id}", "a")}?${search}`;
  const response = await createApp(ports).request(url, { method: method.toUpperCase() }, {});
  return { status: response.status, problem: await response.text() };
}

describe("a query parameter that a request does not take", () => {
  it.each(ofRooms.map((operation) => [operation.id, operation] as const))(
    "HTTP-17 BAD-81 is refused by %s, before the room is asked",
    async (_, operation) => {
      const { status, problem } = await ask(operation, "x=1");
      expect(status).toBe(400);
      expect(JSON.parse(problem)).toMatchObject({
        code: "invalid_query",
        detail: "x: is unknown here",
      });
    },
  );

  it.each(["__proto__", "constructor", "toString"])("HTTP-17 may be called %s", async (name) => {
    for (const operation of ofRooms) expect((await ask(operation, `${name}=1`)).status).toBe(400);
  });

  it.each(["polling", "websocket"])(
    "ADDR-2 tells a %s client which path it needs",
    async (name) => {
      const app = createApp(ports);
      const response = await app.request(`/rooms/lobby/?EIO=4&transport=${name}&t=x`, {}, {});
      expect(await response.json()).toMatchObject({
        code: "invalid_query",
        detail: expect.stringContaining("/rooms/{room}/socket.io"),
      });
    },
  );

  it.each(others.map((operation) => [operation.id, operation] as const))(
    "HTTP-17 is passed over by %s, which is of no room",
    async (_, operation) => {
      expect((await ask(operation, "x=1")).status).toBe(200);
    },
  );

  it.each([
    ["GET", "/rooms/lobby/nothing", 404],
    ["PUT", "/rooms/lobby/events", 405],
    ["GET", "/rooms/lobby/epoch", 405],
  ] as const)("HTTP-17 does not hide that %s %s is not there", async (method, path, status) => {
    expect((await createApp(ports).request(`${path}?x=1`, { method }, {})).status).toBe(status);
  });
});
