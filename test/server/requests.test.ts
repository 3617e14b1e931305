/** What the client asks for, and what becomes of answers that no running relay gives on demand. */
import { describe, expect, it } from "vitest";
import {
  createRelayClient,
  type RelayClientOptions,
  type RelayRequestError,
} from "../../src/server.ts";
import { collect } from "../support/collect.ts";
import { breaks, hangs, json, problem, ScriptedServer } from "../support/scripted-server.ts";

const done = { offset: "abcd-1", duplicate: false };

function clientOf(server: ScriptedServer, options: Partial<RelayClientOptions> = {}) {
  const retried: [code: string, pause: number][] = [];
  const client = createRelayClient({
    url: server.url,
    onRetry: ({ code }, pause) => retried.push([code, pause]),
    ...options,
  });
  return { client, retried };
}

describe("a publication", () => {
  it("is made again, with one key, until it succeeds", async () => {
    await using server = await ScriptedServer.start(
      breaks,
      problem(503, "unavailable"),
      json(done, 201),
    );
    const { client, retried } = clientOf(server);
    expect(await client.publish("lobby", { event: "chat", data: "hi" })).toEqual(done);
    expect(retried.map(([code]) => code)).toEqual(["unreachable", "unavailable"]);
    const bodies = server.asked.map(({ body }) => JSON.parse(body));
    expect(bodies).toEqual(Array(3).fill(bodies[0]));
    expect(bodies[0]).toEqual({
      event: "chat",
      args: ["hi"],
      idempotencyKey: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  it("has another key the next time, or the one that it was given", async () => {
    await using server = await ScriptedServer.start(json(done), json(done), json(done), json(done));
    const { client } = clientOf(server);
    const event = { event: "chat" };
    await client.publish("lobby", event);
    await client.publish("lobby", event);
    await client.publish("lobby", event, { idempotencyKey: "k" });
    await client.publish("lobby", { ...event, idempotencyKey: "own" }, { idempotencyKey: "k" });
    const keys = server.asked.map(({ body }) => JSON.parse(body).idempotencyKey);
    expect(new Set(keys).size).toBe(4);
    expect(keys.slice(2)).toEqual(["k", "own"]);
  });

  it("of a list has a key for each", async () => {
    await using server = await ScriptedServer.start(json({ events: [done, done] }, 201));
    const { client } = clientOf(server);
    const events = [{ event: "a" }, { event: "b", idempotencyKey: "own" }, { event: "c" }];
    const options = { idempotencyKey: "k", ifHead: "abcd-0" };
    expect(await client.publish("lobby", events, options)).toEqual([done, done]);
    const body = JSON.parse(server.asked[0]?.body ?? "");
    expect(
      body.events.map(({ idempotencyKey }: { idempotencyKey: string }) => idempotencyKey),
    ).toEqual(["k:0", "own", "k:2"]);
    expect(body.ifHead).toBe("abcd-0");
  });

  it("waits as long as the relay asks for", async () => {
    await using server = await ScriptedServer.start(
      problem(429, "rate_limited", {}, { "retry-after": "1" }),
      json(done),
    );
    const { client, retried } = clientOf(server);
    expect(await client.publish("lobby", { event: "chat" })).toEqual(done);
    expect(retried).toEqual([["rate_limited", expect.any(Number)]]);
    expect(retried[0]?.[1]).toBeGreaterThanOrEqual(1_000);
  });

  it.each([
    [412, "head_moved", { head: "abcd-7" }],
    [422, "key_reused", {}],
    [507, "storage_full", {}],
  ])("that is refused for good (%s) is not made again", async (status, code, extra) => {
    await using server = await ScriptedServer.start(problem(status, code, extra), json(done));
    const { client, retried } = clientOf(server);
    const error = await client.publish("lobby", { event: "chat" }).catch((error) => error);
    expect(error).toMatchObject({ name: "RelayRequestError", code, status, detail: "why", extra });
    expect(retried).toEqual([]);
    expect(server.asked.length).toBe(1);
  });

  it("is given up after the last retry", async () => {
    await using server = await ScriptedServer.start(breaks, breaks, json(done));
    const { client } = clientOf(server, { retries: 1 });
    const failed = client.publish("lobby", { event: "chat" });
    await expect(failed).rejects.toMatchObject({ code: "unreachable", status: 0 });
    expect(server.asked.length).toBe(2);
  });

  it("that is not logged is made once, because no key can tell it from another", async () => {
    await using server = await ScriptedServer.start(breaks, json(done));
    const { client } = clientOf(server);
    const failed = client.publish("lobby", { event: "typing", ephemeral: true });
    await expect(failed).rejects.toMatchObject({ code: "unreachable" });
    expect(server.asked.length).toBe(1);
  });

  it("ends when its signal is aborted, with the signal's reason", async () => {
    await using server = await ScriptedServer.start(hangs);
    const { client } = clientOf(server);
    const abort = new AbortController();
    const publishing = client.publish("lobby", { event: "chat" }, { signal: abort.signal });
    await expect.poll(() => server.asked.length).toBe(1);
    const reason = new Error("enough");
    abort.abort(reason);
    await expect(publishing).rejects.toBe(reason);
    await expect(client.publish("lobby", { event: "chat" }, { signal: abort.signal })).rejects.toBe(
      reason,
    );
    expect(server.asked.length).toBe(1);
  });
});

describe("a request", () => {
  it("that is not answered in time is made again", async () => {
    await using server = await ScriptedServer.start(hangs, json({ head: "abcd-0" }));
    const { client, retried } = clientOf(server, { timeout: 1_000 });
    expect(await client.info("lobby")).toEqual({ head: "abcd-0" });
    expect(retried.map(([code]) => code)).toEqual(["unreachable"]);
  });

  it("carries the key, below the address with its path", async () => {
    await using server = await ScriptedServer.start(json({ events: [], next: null }));
    const { client } = clientOf(server, { url: `${server.url}/relay/`, key: "backend.secret" });
    await client.read("room:1", { after: "abcd-1", limit: 5, order: "desc", event: "a b&c" });
    const [asked] = server.asked;
    expect(asked?.path).toBe("/relay/rooms/room:1/events");
    expect(Object.fromEntries(asked?.query ?? [])).toEqual({
      after: "abcd-1",
      limit: "5",
      order: "desc",
      event: "a b&c",
    });
    expect(asked?.headers.authorization).toBe("Bearer backend.secret");
  });

  it("follows no redirect: the key is for nobody else", async () => {
    await using other = await ScriptedServer.start(json({}));
    await using server = await ScriptedServer.start((response) =>
      response.writeHead(302, { location: other.url }).end(),
    );
    const { client } = clientOf(server, { key: "backend.secret" });
    const error: RelayRequestError = await client.info("lobby").catch((error) => error);
    expect(error).toMatchObject({ code: "unexpected_answer", status: 302 });
    expect(error.detail).toContain(other.url);
    expect(other.asked).toEqual([]);
  });

  it.each(["..", ".", "", "a/b", "a?b", "x".repeat(129)])(
    "for the room %j is not made: its address would be another",
    async (room) => {
      await using server = await ScriptedServer.start();
      const { client } = clientOf(server);
      for (const failed of [client.info(room), client.events(room).next(), client.wipe(room)]) {
        await expect(failed).rejects.toMatchObject({ code: "invalid_room" });
      }
      expect(server.asked).toEqual([]);
    },
  );

  it("tells another server's answer from the relay's", async () => {
    await using server = await ScriptedServer.start(
      (response) => response.writeHead(200, { "content-type": "text/html" }).end("<p>hello"),
      (response) => response.writeHead(404, { "content-type": "text/html" }).end("<p>nothing"),
    );
    const { client } = clientOf(server);
    for (const status of [200, 404]) {
      await expect(client.info("lobby")).rejects.toMatchObject({
        code: "unexpected_answer",
        status,
      });
    }
  });

  it("that can't be made twice is made once", async () => {
    await using server = await ScriptedServer.start(breaks, breaks);
    const { client } = clientOf(server);
    await expect(client.wipe("lobby")).rejects.toMatchObject({ code: "unreachable" });
    await expect(client.disconnect("lobby", "id")).rejects.toMatchObject({ code: "unreachable" });
    expect(server.asked.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "DELETE /rooms/lobby",
      "DELETE /rooms/lobby/sockets/id",
    ]);
  });

  it("takes another fetch, such as a service binding's", async () => {
    const asked: string[] = [];
    const client = createRelayClient({
      url: "https://relay",
      fetch: async (url) => {
        asked.push(url);
        return Response.json({ head: "abcd-0" });
      },
    });
    expect(await client.info("lobby")).toEqual({ head: "abcd-0" });
    expect(asked).toEqual(["https://relay/rooms/lobby"]);
  });
});

it.each(["", "relay.example", "ftp://relay.example", "backend.geheim", "ftp://a:geheim@b"])(
  "%j is no address of a relay; it is not told again, as it may be a key",
  (url) => {
    expect(() => createRelayClient({ url })).toThrow(TypeError);
    expect(() => createRelayClient({ url })).not.toThrow(/geheim/);
  },
);

describe("a key", () => {
  it.each(["", " ", "geheim\nb", "geheim b", "geheim\0", "geheim\u20ac", "geheim\u00e9"])(
    "%j is refused at once, in words that don't hold it",
    (key) => {
      const create = () => createRelayClient({ url: "http://localhost", key });
      expect(create).toThrow(TypeError);
      expect(create).toThrow("key has to be");
      expect(create).not.toThrow(/geheim/);
    },
  );

  it("may have the end of its line behind it, as in a file", async () => {
    await using server = await ScriptedServer.start(json({}));
    const { client } = clientOf(server, { key: "backend.secret\r\n" });
    await client.info("lobby");
    expect(server.asked[0]?.headers.authorization).toBe("Bearer backend.secret");
  });
});

describe("arguments that make no sense are refused, and nothing is asked", () => {
  const who = "who has to be a socket's id, or { identity }";
  const ofEvent =
    "{ event, args, data, namespace, to, except, ephemeral, idempotencyKey, attachments }";
  const event = `an event has to be ${ofEvent}`;
  const ofPublish = "{ idempotencyKey, ifHead, signal }";
  const offset = 'has to be an offset, such as "sdw8wvba-42" or "0"';
  const cancel = "options has to be { signal }";
  const lines = "lines has to be a list of strings";
  const room = "room has to be a string";
  const cases: [method: string, args: unknown[], message: string][] = [
    ["disconnect", ["lobby"], who],
    ["disconnect", ["lobby", null], who],
    ["disconnect", ["lobby", ""], who],
    // Its address would be the room's.
    ["disconnect", ["lobby", ".."], who],
    ["disconnect", ["lobby", {}], who],
    ["disconnect", ["lobby", { identity: "" }], who],
    ["move", ["lobby"], who],
    ["move", ["lobby", "id"], "where has to be { join, leave }"],
    ["publish", ["lobby"], event],
    ["publish", ["lobby", null], event],
    ["publish", ["lobby", "chat"], event],
    ["publish", ["lobby", [undefined]], event],
    ["publish", ["lobby", { event: "a", args: "b" }], "args has to be a list"],
    ["publish", ["lobby", { args: [] }], "an event has to have its name, event"],
    ["publish", ["lobby", { event: 5 }], "event has to be a string"],
    ["publish", ["lobby", { event: "a", arg: 1 }], `an event has no arg: it is ${ofEvent}`],
    ["publish", ["lobby", { event: "a", to: [5] }], "to has to be a string or a list of strings"],
    ["publish", ["lobby", { event: "a", ephemeral: 1 }], "ephemeral has to be true or false"],
    ["publish", ["lobby", { event: "a", idempotencyKey: 5 }], "idempotencyKey has to be a string"],
    ["publish", ["lobby", { event: "a" }, "key"], `options has to be ${ofPublish}`],
    ["publish", ["lobby", { event: "a" }, null], `options has to be ${ofPublish}`],
    [
      "publish",
      ["lobby", [{ event: "a" }], { idempotencykey: "k" }],
      `options has no idempotencykey: it is ${ofPublish}`,
    ],
    [
      "publish",
      ["lobby", { event: "a" }, { idempotencyKey: 5 }],
      "idempotencyKey has to be a string",
    ],
    ["publish", ["lobby", { event: "a" }, { ifHead: 5 }], `ifHead ${offset}`],
    ["publish", ["lobby", { event: "a" }, { signal: "x" }], "signal has to be an AbortSignal"],
    ["read", ["lobby", { limit: "10" }], "limit has to be a whole number from 1"],
    ["read", ["lobby", { order: "up" }], 'order has to be "asc" or "desc"'],
    ["events", ["lobby", { after: null }], `after ${offset}`],
    ["events", ["lobby", { live: 1 }], "live has to be true or false"],
    ["exportLines", ["lobby", { after: 5 }], `after ${offset}`],
    ["info", ["lobby", { signal: {} }], "signal has to be an AbortSignal"],
    // In the place of its options.
    ["info", ["lobby", new AbortController().signal], cancel],
    ["sockets", ["lobby", null], cancel],
    ["wipe", ["lobby", "sure"], cancel],
    ["disconnect", ["lobby", "id", []], cancel],
    ["disconnect", ["lobby", { identity: "a", id: "b" }], "who has no id: it is { identity }"],
    ["move", ["lobby", "id", { join: "red" }], "join has to be a list of strings"],
    ["move", ["lobby", "id", { joins: [] }], "where has no joins: it is { join, leave }"],
    ["importLines", ["lobby", [{ event: "a" }]], lines],
    ["importLines", ["lobby"], lines],
    ["importLines", ["lobby", "{}"], lines],
    ["importLines", [undefined, []], room],
    ["publish", [undefined, { event: "a" }], room],
    ["disconnect", [undefined, "id"], room],
    ["move", [undefined, "id", {}], room],
    ["events", [7], room],
    ...["read", "events", "exportLines", "info", "sockets", "wipe"].map(
      (method): (typeof cases)[number] => [method, [], room],
    ),
  ];

  it.each(cases)("%s %j", async (method, args, message) => {
    await using server = await ScriptedServer.start();
    const client = clientOf(server).client as unknown as Record<string, (...args: unknown[]) => T>;
    type T = Promise<unknown> | AsyncIterable<unknown> | undefined;
    const answer = client[method]?.(...args);
    const failed = answer && Symbol.asyncIterator in answer ? collect(answer) : answer;
    await expect(failed).rejects.toThrow(new TypeError(message));
    expect(server.asked).toEqual([]);
  });

  it.each([
    [undefined, "url has to be the relay's"],
    ["http://localhost", "url has to be the relay's"],
    [{ retries: "x" }, "retries has to be a whole number from 0"],
    [{ retries: -1 }, "retries has to be a whole number from 0"],
    [{ timeout: "x" }, "timeout has to be a whole number of milliseconds, 1 to 2147483647"],
    [{ timeout: 0 }, "timeout has to be"],
    [{ timeout: 2 ** 31 }, "timeout has to be"],
    [{ onRetry: 5 }, "onRetry has to be a function"],
    [{ fetch: 5 }, "fetch has to be a function"],
    [{ keys: 5 }, "options has no keys: it is { url, key, retries, timeout, onRetry, fetch }"],
  ])("createRelayClient %j", (wrong, message) => {
    const options = typeof wrong === "object" ? { url: "http://localhost", ...wrong } : wrong;
    const create = () => (createRelayClient as (options: unknown) => unknown)(options);
    expect(create).toThrow(TypeError);
    expect(create).toThrow(message);
  });

  it("but not what is undefined, or without an end", () => {
    const options = { retries: Number.POSITIVE_INFINITY, key: undefined, fetch: undefined };
    const create = createRelayClient as (options: unknown) => unknown;
    expect(() => create({ url: "http://localhost", ...options })).not.toThrow();
  });
});

it("lists all sockets, page by page", async () => {
  const socket = (id: string) => ({ id, namespace: "/", identity: null });
  await using server = await ScriptedServer.start(
    json({ sockets: [socket("a"), socket("b")], next: "b" }),
    json({ sockets: [socket("c")] }),
  );
  const { client } = clientOf(server);
  expect((await client.sockets("lobby")).map(({ id }) => id)).toEqual(["a", "b", "c"]);
  expect(server.asked.map(({ query }) => query.get("after"))).toEqual([null, "b"]);
});
