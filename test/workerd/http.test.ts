/** The Worker's HTTP side as a whole: paths, room names, origins. */
import { createExecutionContext, listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import worker from "../../src/index.ts";
import { askUpgrade, Client, socketPath } from "./support/client.ts";
import { besideHealthy } from "./support/healthy.ts";
import { pollPath } from "./support/poller.ts";
import { expectEngineError, expectProblem } from "./support/problem.ts";
import { ask, history, newRoom, ORIGIN, post, publish } from "./support/rooms.ts";

describe("paths", () => {
  it("HTTP-6 /healthz is healthy, and asks no object", async () => {
    const before = await listDurableObjectIds(env.ROOMS);
    const response = await ask("/healthz");
    expect([response.status, await response.json()]).toEqual([200, { status: "ok" }]);
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);
  });

  it("HTTP-5 /rooms/{room} tells what the room is like", async () => {
    const room = newRoom();
    const info = async () => {
      const response = await ask(`/rooms/${room}`);
      expect(response.status).toBe(200);
      return response.json<Record<string, unknown>>();
    };
    const empty = await info();
    expect(empty).toMatchObject({
      room,
      first: null,
      head: `${empty.epoch}-0`,
      count: 0,
      sockets: 0,
    });
    const client = await Client.joined(room);
    await Client.open(room);
    await post(room, { events: [{ event: "a" }, { event: "b" }, { event: "c" }] });
    const { epoch } = empty;
    expect(await info()).toEqual({
      room,
      epoch,
      first: `${epoch}-1`,
      head: `${epoch}-3`,
      count: 3,
      bytes: expect.any(Number),
      sockets: 1,
      settings: expect.objectContaining({
        pingInterval: 25_000,
        pingTimeout: 20_000,
        maxPayload: 1_000_000,
      }),
    });
    client.send("41");
    await client.settled();
    expect(await info()).toMatchObject({ sockets: 0 });
  });

  it.each(["/nope", "/rooms", "/rooms/a/b", "/rooms/a/events/1"])(
    "%s is not there",
    async (path) => {
      await expectProblem(await ask(path), 404, "not_found");
    },
  );

  it.each([
    ["/rooms/a/events", "GET, POST", ["DELETE", "PUT", "PATCH"]],
    ["/rooms/a", "GET, PATCH, DELETE", ["POST", "PUT"]],
    ["/rooms/a/epoch", "POST", ["GET", "DELETE", "PATCH"]],
    ["/healthz", "GET", ["POST", "DELETE"]],
    ["/openapi.json", "GET", ["POST"]],
    ["/docs", "GET", ["PUT"]],
  ])(
    "HTTP-17 other methods on %s are refused, and which would do is said",
    async (path, allow, methods) => {
      for (const method of methods) {
        const response = await ask(path, { method });
        await expectProblem(response, 405, "method_not_allowed");
        expect(response.headers.get("allow")).toBe(allow);
      }
    },
  );

  it("HTTP-16 the description and the page need no key, ask no object, and are for this origin", async () => {
    const before = await listDurableObjectIds(env.ROOMS);
    const document = await ask("/openapi.json");
    expect(await document.json()).toMatchObject({ openapi: "3.1.0", servers: [{ url: ORIGIN }] });
    const page = await ask("/docs");
    expect(page.headers.get("content-type")).toMatch(/^text\/html/);
    expect(await page.text()).toContain(`${ORIGIN}/rooms/lobby/events`);
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);
  });

  it("ADDR-2 without a room in the path it is ?room=, or the lobby", async () => {
    const room = newRoom();
    const query = "EIO=4&transport=websocket";
    const named = await Client.raw(`/socket.io/?${query}&room=${room}`);
    const lobby = await Client.raw(`/socket.io/?${query}`);
    for (const client of [named, lobby]) {
      await client.frame();
      await client.join();
    }
    await publish(room, "to the room");
    await publish("lobby", "to the lobby");
    expect((await named.event()).name).toBe("to the room");
    expect((await lobby.event()).name).toBe("to the lobby");
  });
});

describe("ADDR-1 BAD-79 a room's name", () => {
  const refused = [
    "%20",
    "a%20b",
    "a%00b",
    "a%2Fb",
    "..%2f..",
    "caf%C3%A9",
    "cafe%CC%81",
    "a%2525",
    "a*",
    "x".repeat(129),
    "x".repeat(5_000),
  ];

  it.each(refused)("%s is refused everywhere, and no object made", async (name) => {
    const before = await listDurableObjectIds(env.ROOMS);
    await expectProblem(await ask(`/rooms/${name}`), 400, "invalid_room");
    await expectProblem(await ask(`/rooms/${name}/events`), 400, "invalid_room");
    await expectProblem(await post(name, { event: "e" }), 400, "invalid_room");
    await expectProblem(await ask(pollPath(name)), 400, "invalid_room");
    await expectProblem(await askUpgrade(socketPath(name)), 400, "invalid_room");
    const query = await ask(`/socket.io/?EIO=4&transport=polling&room=${name}`);
    await expectProblem(query, 400, "invalid_room");
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);
  });

  it.each(["..", ".", ""])("%j is refused as ?room= too", async (name) => {
    const response = await ask(`/socket.io/?EIO=4&transport=polling&room=${name}`);
    await expectProblem(response, 400, "invalid_room");
  });

  it.each(["%2e%2e", ".."])("%s in a path leads out of /rooms, to nothing", async (name) => {
    await expectProblem(await ask(`/rooms/${name}/events`), 404, "not_found");
  });

  it("is compared byte for byte: each has a log of its own", async () => {
    const unique = newRoom();
    const names = ["__proto__", "constructor", "...", "a:b~c.d_e-f", "X", "x", "x".repeat(128)];
    const rooms = [...names, unique, unique.toUpperCase()];
    for (const [i, name] of rooms.entries()) expect(await publish(name, "mine", i)).toMatch(/-1$/);
    for (const [i, name] of rooms.entries()) {
      expect((await history(name)).events.map(({ args }) => args[0])).toEqual([i]);
    }
  });
});

const ORIGIN_REFUSED = "Forbidden: add the origin to the variable ORIGINS";

describe("AUTH-5 origins: an exact list", () => {
  const listed = { ...env, ORIGINS: "https://app.example http://localhost:3000" };

  async function from(
    origin: string | null,
    path: string,
    init: RequestInit = {},
    bindings = listed,
  ) {
    const headers = new Headers(init.headers);
    if (origin !== null) headers.set("origin", origin);
    const request = new Request(ORIGIN + path, { ...init, headers });
    return await worker.fetch(request, bindings, createExecutionContext());
  }

  const bad = [
    "https://evil.example",
    "null",
    "https://app.example.evil.example",
    "http://app.example",
    "https://app.example:8443",
    "https://APP.example",
    "https://app.example/",
  ];

  it.each(bad)("BAD-31 %s is refused for HTTP, polling and WebSocket", async (origin) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const http = await from(origin, `/rooms/${room}/events`);
      await expectProblem(http, 403, "origin_forbidden");
      const polling = await from(origin, pollPath(room));
      await expectEngineError(polling, 4, ORIGIN_REFUSED);
      const upgrade = { headers: { upgrade: "websocket" } };
      const socket = await from(origin, socketPath(room), upgrade);
      await expectEngineError(socket, 4, ORIGIN_REFUSED);
      for (const { headers } of [http, polling, socket]) {
        expect(headers.get("access-control-allow-origin")).toBeNull();
      }
    });
  });

  it.each(bad)("BAD-33 a preflight from %s allows nothing", async (origin) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const init = { method: "OPTIONS", headers: { "access-control-request-method": "POST" } };
      const response = await from(origin, `/rooms/${room}/events`, init);
      expect(response.status).toBe(403);
      const names = [...response.headers.keys()];
      expect(names.filter((name) => name.startsWith("access-control-"))).toEqual([]);
    });
  });

  it.each(["https://app.example", "http://localhost:3000", ORIGIN])("%s may", async (origin) => {
    const room = newRoom();
    for (const path of [`/rooms/${room}/events`, pollPath(room), "/healthz", `/rooms/${room}`]) {
      const response = await from(origin, path);
      expect([path, response.status]).toEqual([path, 200]);
      expect(response.headers.get("access-control-allow-origin")).toBe(origin);
      expect(response.headers.get("vary")).toContain("Origin");
    }
    const upgrade = { headers: { upgrade: "websocket" } };
    const { webSocket } = await from(origin, socketPath(room), upgrade);
    if (webSocket === null) throw new Error("no WebSocket");
    expect(await new Client(webSocket).frame()).toMatch(/^0\{/);
  });

  it("an error can be read by the page that asked, and when to come back", async () => {
    const response = await from("https://app.example", `/rooms/${newRoom()}/events?limit=0`);
    expect(response.headers.get("access-control-expose-headers")).toBe("retry-after");
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    await expectProblem(response, 400, "invalid_query");
  });

  it("HTTP-30 a refusal for too many requests can be read by the page, too", async () => {
    const RATE_LIMITER = { limit: () => Promise.resolve({ success: false }) };
    const limited = { ...listed, RATE_LIMITER };
    for (const path of [`/rooms/${newRoom()}`, pollPath(newRoom())]) {
      const response = await from("https://app.example", path, {}, limited);
      expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
      await expectProblem(response, 429, "rate_limited");
    }
  });

  it("a room may be called socket.io, and is answered as any", async () => {
    const refused = await from("https://evil.example", "/rooms/socket.io");
    await expectProblem(refused, 403, "origin_forbidden");
    for (const path of ["/rooms/socket.io/socket.io/", "/socket.io/"]) {
      const engine = await from("https://evil.example", path);
      expect(await engine.json()).toEqual({ code: 4, message: ORIGIN_REFUSED });
    }
  });

  it("a preflight says what is allowed", async () => {
    const init = { method: "OPTIONS", headers: { "access-control-request-method": "POST" } };
    const response = await from("https://app.example", `/rooms/${newRoom()}/events`, init);
    expect(response.status).toBe(204);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://app.example");
    expect(response.headers.get("access-control-allow-methods")).toContain("POST");
    const headers = response.headers.get("access-control-allow-headers");
    for (const name of ["authorization", "content-type", "idempotency-key"]) {
      expect(headers).toContain(name);
    }
  });

  it("who has no origin is no browser, and may", async () => {
    const response = await from(null, `/rooms/${newRoom()}/events`);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });

  it("* is everybody", async () => {
    const anyone = { ...env, ORIGINS: "*" };
    const response = await from("https://any.example", `/rooms/${newRoom()}/events`, {}, anyone);
    expect(response.status).toBe(200);
    expect(response.headers.get("access-control-allow-origin")).toBe("https://any.example");
  });
});

// There are no webhooks: nobody but the operator says which address the relay calls.
it.each([
  "http://127.0.0.1/",
  "http://[::1]/",
  "http://169.254.169.254/latest/meta-data",
  "http://0x7f.1/",
  "http://localhost./",
  "file:///etc/passwd",
  "https://user:secret@hooks.example/",
])("BAD-88 %s as an address to call is refused, and not called", async (webhook) => {
  const room = newRoom();
  const fetched = vi.spyOn(globalThis, "fetch");
  await besideHealthy(room, async () => {
    const init = { headers: { "content-type": "application/json" } };
    const body = JSON.stringify({ webhook });
    const patched = await ask(`/rooms/${room}`, { ...init, method: "PATCH", body });
    // With a key of an administrator it is 400: keys/room.test.ts.
    await expectProblem(patched, 401, "unauthorized");
    const posted = await post(room, { event: "e", webhook });
    await expectProblem(posted, 400, "invalid_event");
  });
  expect(fetched).not.toHaveBeenCalled();
  fetched.mockRestore();
});

it("settings that make no sense are named, and their values are not", async () => {
  const broken = { ...env, API_KEYS: "[hunter2]", PING_INTERVAL: "soon" };
  const request = new Request(`${ORIGIN}/rooms/${newRoom()}/events`);
  const response = await worker.fetch(request, broken, createExecutionContext());
  const { detail } = await expectProblem(response, 500, "misconfigured");
  expect(detail).toContain("API_KEYS");
  expect(detail).toContain("PING_INTERVAL");
  expect(detail).not.toContain("hunter2");
});
