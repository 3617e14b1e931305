/** AUTH-2: API keys with scopes and rooms, and nobody without one. */
import { listDurableObjectIds, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { askUpgrade, Client, socketPath } from "../support/client.ts";
import { evict } from "../support/evict.ts";
import { bearer, keyOf } from "../support/keys.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, newRoom, type Page, post, stubOf } from "../support/rooms.ts";

const get = (room: string, headers: Record<string, string> = {}) =>
  ask(`/rooms/${room}/events`, { headers });

const eventsOf = async (room: string) => {
  const { events } = await (await get(room, bearer("all"))).json<Page>();
  return events.map(({ event }) => event);
};

describe("BAD-73 HTTP", () => {
  it.each([
    ["no key", {}],
    ["another scheme", { authorization: "Basic YTpi" }],
    ["no scheme", { authorization: keyOf("all") }],
    ["an empty key", { authorization: "Bearer " }],
    ["two keys", { authorization: `Bearer ${keyOf("all")}, Bearer ${keyOf("all")}` }],
    ["a wrong secret", { authorization: "Bearer all.wrong" }],
    ["the id only", { authorization: "Bearer all" }],
    ["an id that is not there", { authorization: "Bearer nobody.s3cret-of-all" }],
    ["the secret of another", { authorization: "Bearer all.s3cret-of-admin" }],
    ["more behind it", { authorization: `Bearer ${keyOf("all")}x` }],
    ["a megabyte", { authorization: `Bearer all.${"x".repeat(10_000)}` }],
  ])("%s is answered 401, and no object is made", async (_, headers) => {
    const before = await listDurableObjectIds(env.ROOMS);
    const room = newRoom();
    for (const response of [
      await get(room, headers),
      await post(room, { event: "e" }, headers),
      await ask(`/rooms/${room}`, { headers }),
    ]) {
      expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
      const problem = await expectProblem(response, 401, "unauthorized");
      expect(JSON.stringify(problem)).not.toContain("s3cret");
    }
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);
  });

  it("AUTH-6 ENG-2 an Engine.IO request that the Worker refuses makes no object", async () => {
    const before = await listDurableObjectIds(env.ROOMS);
    const path = socketPath(newRoom());
    const foreign = { origin: "https://elsewhere.example" };
    const statuses = [
      (await askUpgrade(path, foreign)).status,
      (await askUpgrade(path.replace("EIO=4", "EIO=3"))).status,
      (await askUpgrade(path.replace("websocket", "carrier-pigeon"))).status,
      (await askUpgrade(socketPath("no%20room"))).status,
      (await ask(path)).status,
    ];
    expect(statuses).toEqual([403, 400, 400, 400, 400]);
    expect(await listDurableObjectIds(env.ROOMS)).toEqual(before);
  });

  it("the key decides what may be done", async () => {
    const room = newRoom();
    const statuses = async (id: Parameters<typeof bearer>[0]) => [
      (await post(room, { event: id }, bearer(id))).status,
      (await get(room, bearer(id))).status,
      (await ask(`/rooms/${room}`, { headers: bearer(id) })).status,
    ];
    expect(await statuses("all")).toEqual([201, 200, 200]);
    expect(await statuses("reader")).toEqual([403, 200, 200]);
    expect(await statuses("writer")).toEqual([201, 403, 403]);
    expect(await statuses("admin")).toEqual([201, 200, 200]);
    expect(await eventsOf(room)).toEqual(["all", "writer", "admin"]);
  });

  it("the key decides in which rooms", async () => {
    const outside = newRoom();
    const inside = `team-${outside}`;
    expect((await post(inside, { event: "e" }, bearer("team"))).status).toBe(201);
    expect((await get("lobby", bearer("team"))).status).toBe(200);
    for (const room of [outside, `x${inside}`, "team", "lobby2"]) {
      await expectProblem(await post(room, { event: "e" }, bearer("team")), 403, "forbidden");
      await expectProblem(await get(room, bearer("team")), 403, "forbidden");
    }
  });

  it("EMIT-3 the same idempotency key of two API keys is two events'", async () => {
    const room = newRoom();
    const event = { event: "e", idempotencyKey: "k" };
    const statuses = [];
    for (const id of ["all", "writer", "all"] as const) {
      statuses.push((await post(room, event, bearer(id))).status);
    }
    expect(statuses).toEqual([201, 201, 200]);
    const guess = await post(room, { ...event, args: ["guess"] }, bearer("admin"));
    expect(guess.status).toBe(201);
  });
});

describe("the object itself", () => {
  it("checks the claims again", async () => {
    const room = newRoom();
    const stub = stubOf(room);
    const events = [
      {
        name: "e",
        namespace: "/",
        data: '["e"]',
        attachments: [],
        audience: null,
        idempotencyKey: null,
        ephemeral: false,
      },
    ];
    const claims = (scope: ("read" | "write")[], rooms: string[]) => ({
      identity: "x",
      scope,
      rooms,
    });
    for (const refused of [claims(["read"], ["*"]), claims(["write"], ["other"])]) {
      expect(await stub.publish({ claims: refused, events })).toEqual({ kind: "forbidden" });
    }
    for (const refused of [claims(["write"], ["*"]), claims(["read"], ["other"])]) {
      const query = { claims: refused, order: "asc", limit: 1 } as const;
      expect(await stub.history(query)).toEqual({ kind: "forbidden" });
      expect(await stub.info(refused)).toEqual({ kind: "forbidden" });
    }
    expect(await eventsOf(room)).toEqual([]);
  });
});

describe("a client", () => {
  async function refusal(room: string, auth?: object): Promise<unknown> {
    const client = await Client.open(room);
    client.send(`40${auth ? JSON.stringify(auth) : ""}`);
    const frame = await client.frame();
    expect(frame).toMatch(/^44\{/);
    return JSON.parse(frame.slice(2)).data.code;
  }

  it("joins with auth.token, and may do what the key may", async () => {
    const room = newRoom();
    const reader = await Client.joined(room, { token: keyOf("reader") });
    const writer = await Client.joined(room, { token: keyOf("writer") });
    const both = await Client.joined(room, { token: keyOf("all") });
    expect(await reader.emit("r")).toMatchObject({ error: { code: "forbidden" } });
    expect(await writer.emit("w")).toMatchObject({ duplicate: false });
    expect((await reader.event()).name).toBe("w");
    expect((await both.event()).name).toBe("w");
    expect(await both.emit("b")).toMatchObject({ duplicate: false });
    expect((await reader.event()).name).toBe("b");
    // Who may only write is told nothing: not now, and not of the past.
    expect(await writer.settled()).toEqual([]);
    const past = await Client.joined(room, { token: keyOf("writer"), offset: "0" });
    expect(await past.settled()).toEqual([]);
  });

  it("stays what it is when the room wakes up", async () => {
    const room = newRoom();
    const reader = await Client.joined(room, { token: keyOf("reader") });
    const writer = await Client.joined(room, { token: keyOf("writer") });
    await evict(room);
    expect(await reader.emit("r")).toMatchObject({ error: { code: "forbidden" } });
    expect(await writer.emit("w")).toMatchObject({ duplicate: false });
    expect((await reader.event()).name).toBe("w");
    await post(room, { event: "p" }, bearer("all"));
    expect((await reader.event()).name).toBe("p");
    expect(await writer.settled()).toEqual([]);
  });

  it("without a key, or with a wrong one, is refused, and the room has no log", async () => {
    const room = newRoom();
    expect(await refusal(room)).toBe("unauthorized");
    expect(await refusal(room, { token: null })).toBe("unauthorized");
    expect(await refusal(room, { token: "" })).toBe("invalid_token");
    expect(await refusal(room, { token: "all.wrong" })).toBe("invalid_token");
    expect(await refusal(room, { token: keyOf("team") })).toBe("forbidden");
    const tables = await runInDurableObject(stubOf(room), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_schema WHERE name LIKE 'roomlog%'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  it("can't resume as somebody else with their pid", async () => {
    const room = newRoom();
    const owner = await Client.joined(room, { token: keyOf("all") });
    await owner.emit("e", { idempotencyKey: "k" });
    const thief = await Client.joined(room, { token: keyOf("admin"), pid: owner.me.pid });
    expect(thief.me.sid).not.toBe(owner.me.sid);
    expect(await owner.settled()).toEqual([]);
    await post(room, { event: "later" }, bearer("all"));
    expect((await owner.event()).name).toBe("later");
  });

  it("EMIT-3 shares its idempotency keys with the backend of the same API key", async () => {
    const room = newRoom();
    const client = await Client.joined(room, { token: keyOf("all") });
    const acked = await client.emit("e", { idempotencyKey: "k" });
    const retry = await post(room, { event: "e", idempotencyKey: "k" }, bearer("all"));
    expect(await retry.json()).toEqual({ ...(acked as object), duplicate: true });
  });

  it("may have a key with as many rooms as there may be, all of which its socket remembers", async () => {
    const room = "many-7-".padEnd(128, "x");
    const client = await Client.open(room);
    client.send(`40${JSON.stringify({ token: keyOf("many") })}`);
    expect(await client.frame()).toMatch(/^40\{/);
    expect(await client.emit("a")).toMatchObject({ duplicate: false });
    await evict(room);
    expect(await client.emit("b")).toMatchObject({ duplicate: false });
    expect(await eventsOf(room)).toEqual(["a", "b"]);
  });
});
