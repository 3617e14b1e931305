/** What keys may do with a room's sockets, and see of them. */
import { describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { evict } from "../support/evict.ts";
import { bearer, keyOf } from "../support/keys.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, newRoom, post } from "../support/rooms.ts";

const join = (room: string, id: Parameters<typeof keyOf>[0], auth = {}) =>
  Client.joined(room, { token: keyOf(id), ...auth });

const admin = (room: string, path: string, method: string, body?: unknown) =>
  ask(`/rooms/${room}/sockets${path}`, {
    method,
    headers: { ...bearer("admin"), "content-type": "application/json" },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });

/** Publishes to a room of sockets, and says where it is in the log. */
async function publishTo(room: string, to: string): Promise<string> {
  const response = await post(room, { event: "note", args: [to], to }, bearer("all"));
  return (await response.json<{ offset: string }>()).offset;
}

describe("PRES-1 GET /rooms/{room}/sockets", () => {
  it("takes the scope presence, and tells ids of keys", async () => {
    const room = newRoom();
    const client = await join(room, "all");
    for (const id of ["watcher", "admin"] as const) {
      const response = await ask(`/rooms/${room}/sockets`, { headers: bearer(id) });
      expect([response.status, await response.json()]).toMatchObject([
        200,
        { sockets: [{ id: client.me.sid, identity: "key:all" }] },
      ]);
    }
    const refused = await ask(`/rooms/${room}/sockets`, { headers: bearer("all") });
    await expectProblem(refused, 403, "forbidden");
    await expectProblem(await ask(`/rooms/${room}/sockets`), 401, "unauthorized");
  });
});

describe("PRES-5 auth.presence", () => {
  it("takes the scope presence", async () => {
    const room = newRoom();
    const client = await Client.open(room);
    client.send(`40${JSON.stringify({ token: keyOf("all"), presence: true })}`);
    expect(await client.frame()).toBe(
      '44{"message":"auth.presence needs the scope presence","data":{"code":"forbidden"}}',
    );
    const watcher = await join(room, "watcher", { presence: true });
    expect(await watcher.event()).toMatchObject({
      name: "roomlog:presence",
      args: [{ members: [{ id: watcher.me.sid, identity: "key:watcher" }] }],
    });
  });
});

describe("PRES-2 DELETE /rooms/{room}/sockets", () => {
  it("disconnects one by its id: the others hear at once that it has left", async () => {
    const room = newRoom();
    const watcher = await join(room, "watcher", { presence: true });
    await watcher.event();
    const client = await join(room, "all");
    await watcher.event();
    const response = await admin(room, `/${client.me.sid}`, "DELETE");
    expect([response.status, await response.json()]).toEqual([200, { disconnected: 1 }]);
    expect(await client.frame()).toBe("41");
    const left = { id: client.me.sid, identity: "key:all", reason: "server namespace disconnect" };
    expect(await watcher.event()).toMatchObject({ name: "roomlog:leave", args: [left] });
    await expectProblem(await admin(room, `/${client.me.sid}`, "DELETE"), 404, "not_found");
  });

  it("disconnects all of an identity, also after an eviction", async () => {
    const room = newRoom();
    const clients = [await join(room, "all"), await join(room, "all")];
    const other = await join(room, "watcher");
    await evict(room);
    const response = await admin(room, "?identity=key:all", "DELETE");
    expect(await response.json()).toEqual({ disconnected: 2 });
    for (const client of clients) expect(await client.frame()).toBe("41");
    expect(await other.settled()).toEqual([]);
    expect(await (await admin(room, "?identity=key:all", "DELETE")).json()).toEqual({
      disconnected: 0,
    });
  });

  it.each(["", "?identity=", "?identity=a&all=1", "/x?identity=a"])(
    "%j is refused: nobody means everybody by mistake",
    async (path) => {
      await expectProblem(await admin(newRoom(), path, "DELETE"), 400, "invalid_query");
    },
  );
});

describe("PRES-3 POST /rooms/{room}/sockets", () => {
  it("puts a socket into rooms, which outlive an eviction and a resume", async () => {
    const room = newRoom();
    const client = await join(room, "all");
    const { sid, pid } = client.me;
    const joined = await admin(room, `/${sid}`, "POST", { join: ["red", "blue"] });
    expect([joined.status, await joined.json()]).toEqual([
      200,
      { sockets: [{ id: sid, rooms: ["red", "blue"] }] },
    ]);
    const first = await publishTo(room, "red");
    expect((await client.event()).offset).toBe(first);
    await evict(room);
    await publishTo(room, "green");
    const second = await publishTo(room, "blue");
    expect((await client.event()).offset).toBe(second);
    client.close();
    const third = await publishTo(room, "red");
    const again = await join(room, "all", { pid, offset: second });
    expect([again.me.sid, (await again.event()).offset]).toEqual([sid, third]);
    await again.event();
    const left = await admin(room, "?identity=key:all", "POST", { leave: ["red"] });
    expect(await left.json()).toEqual({ sockets: [{ id: sid, rooms: ["blue"] }] });
    await publishTo(room, "red");
    const last = await publishTo(room, "blue");
    expect((await again.event()).offset).toBe(last);
  });

  it.each([
    ["no JSON", "{", "invalid_body"],
    ["no object", "[]", "invalid_body"],
    ["another member", { rooms: ["a"] }, "invalid_body"],
    ["no list", { join: "a" }, "invalid_body"],
    ["an empty name", { join: [""] }, "invalid_body"],
    ["a name of 129 characters", { leave: ["x".repeat(129)] }, "invalid_body"],
    ["1,001 rooms", { join: Array.from({ length: 1_001 }, (_, i) => `r${i}`) }, "invalid_body"],
  ] as const)("%s is refused", async (_, body, code) => {
    await expectProblem(await admin(newRoom(), "/x", "POST", body), 400, code);
  });

  it("a 257th room is refused, and nothing is changed", async () => {
    const room = newRoom();
    const client = await join(room, "all");
    const rooms = (from: number, to: number) =>
      Array.from({ length: to - from }, (_, i) => `r${from + i}`);
    await admin(room, `/${client.me.sid}`, "POST", { join: rooms(0, 255) });
    const refused = await admin(room, `/${client.me.sid}`, "POST", { join: rooms(255, 257) });
    await expectProblem(refused, 422, "too_many_rooms");
    const taken = await admin(room, `/${client.me.sid}`, "POST", {
      join: rooms(255, 257),
      leave: ["r0"],
    });
    expect(await taken.json()).toEqual({
      sockets: [{ id: client.me.sid, rooms: rooms(1, 257) }],
    });
  });

  it("an id that nobody has is not found", async () => {
    await expectProblem(await admin(newRoom(), "/nobody", "POST", {}), 404, "not_found");
  });
});
