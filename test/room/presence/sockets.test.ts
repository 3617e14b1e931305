import { describe, expect, it } from "vitest";
import type { AccessSettings, Claims } from "../../../src/auth/access.ts";
import type { Handlers } from "../../../src/room/handlers.ts";
import { publish } from "../../../src/room/publish.ts";
import {
  disconnectSockets,
  listSockets,
  type MoveRequest,
  moveSockets,
  type SocketsRequest,
  type Whom,
} from "../../../src/room/sockets.ts";
import { Harness, OPEN_ACCESS } from "../../support/room-harness.ts";
import { SlowDoor } from "../../support/slow-door.ts";
import { changes, hibernate } from "./support.ts";

const SINCE = "2023-11-14T22:13:20.000Z";
const ADMIN: Claims = { identity: "key:ops", scope: ["admin"], rooms: ["*"] };

type Listed = { readonly id: string } & Readonly<Record<string, unknown>>;

function list(h: Harness, request: Partial<SocketsRequest> = {}) {
  const result = listSockets(h.room, "lobby", { claims: ADMIN, limit: 1_000, ...request });
  if (result.kind !== "page") throw new Error(result.kind);
  return JSON.parse(result.body) as { readonly sockets: Listed[]; readonly next?: string };
}

async function move(h: Harness, whom: Whom, change: Partial<MoveRequest>) {
  const request = { claims: ADMIN, whom, join: [], leave: [], ...change };
  const moved = moveSockets(h.room, "lobby", request);
  await h.settle();
  return moved;
}

async function publishTo(h: Harness, ...to: string[]): Promise<void> {
  const event = {
    name: "note",
    namespace: "/",
    ephemeral: false,
    data: '["note"]',
    attachments: [],
    audience: { to, except: [] },
    idempotencyKey: null,
  };
  const done = publish(h.room, "lobby", { claims: ADMIN, events: [event], ifHead: null });
  await h.settle();
  await done;
}

/** Rights of a key that is held by who sends its secret. */
async function keyed(
  id: string,
): Promise<{ readonly access: AccessSettings; readonly token: string }> {
  const token = `${id}.secret`;
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token));
  const hash = Buffer.from(digest).toString("hex");
  const key = { id, hash, scope: ["read", "write", "presence"], rooms: ["*"] } as const;
  return { token, access: { ...OPEN_ACCESS, keys: [key] } };
}

describe("PRES-1 the list of a room's sockets", () => {
  it("tells of each who it is, since when, by what, and where", async () => {
    const { access, token } = await keyed("backend");
    const h = new Harness({ access });
    const named = await h.join({ token, data: { name: "Ann" } });
    h.now += 1_000;
    const poller = await h.joinPolling({ clientId: "a secret of the client's" });
    await poller.drain();
    const other = h.websocket();
    other.send("40/orders,");
    await h.settle();
    await move(h, { id: named.id }, { join: ["red", "blue"] });
    const { sockets, next } = list(h);
    expect(next).toBeUndefined();
    const of = (id: string) => sockets.find((socket) => socket.id === id);
    expect(sockets).toHaveLength(3);
    expect(of(named.id)).toEqual({
      id: named.id,
      identity: "key:backend",
      data: { name: "Ann" },
      since: SINCE,
      namespace: "/",
      transport: "websocket",
      rooms: ["red", "blue"],
    });
    expect(of(poller.id)).toEqual({
      id: poller.id,
      identity: null,
      data: null,
      since: "2023-11-14T22:13:21.000Z",
      namespace: "/",
      transport: "polling",
    });
    expect(list(h, { namespace: "/orders" }).sockets).toMatchObject([{ namespace: "/orders" }]);
    expect(list(h, { identity: "key:backend" }).sockets).toEqual([of(named.id)]);
    expect(list(h, { identity: "key:nobody" }).sockets).toEqual([]);
  });

  it("a resume within the grace time keeps its since, one after it does not", async () => {
    const h = new Harness();
    const client = await h.join();
    const since = () => list(h).sockets.map((socket) => socket.since);
    h.now += 60_000;
    client.drop();
    h.now += 9_999;
    const again = await h.join(client.resume);
    expect(since()).toEqual([SINCE]);
    again.drop();
    h.now += 10_000;
    await h.join(again.resume);
    expect(since()).toEqual([new Date(h.now).toISOString()]);
  });

  it("names nobody by what is derived from a secret", async () => {
    const h = new Harness();
    await h.join();
    await h.join({ clientId: "a secret of the client's" });
    expect(list(h).sockets.map(({ identity }) => identity)).toEqual([null, null]);
    for (const { claims } of h.room.members) {
      expect(list(h, { identity: claims.identity }).sockets).toEqual([]);
    }
  });

  it("comes in pages, each socket once, though others come and go in between", async () => {
    const h = new Harness();
    const clients = await Promise.all(Array.from({ length: 25 }, () => h.join()));
    const seen: string[] = [];
    for (let after: string | undefined = ""; after !== undefined; ) {
      const { sockets, next } = list(h, { limit: 10, after });
      seen.push(...sockets.map(({ id }) => id));
      after = next;
      await h.join();
      if (seen.length === 10) clients.find(({ id }) => id === seen[3])?.drop();
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(clients.map(({ id }) => id)));
  });

  it("a page also ends when it holds a million characters", async () => {
    const handlers: Handlers = {
      onConnect(socket) {
        socket.data.text = "x".repeat(4_000);
      },
    };
    const h = new Harness({ handlers });
    for (let i = 0; i < 300; i++) h.websocket().connect();
    await h.settle();
    const { sockets, next } = list(h);
    expect(sockets.length).toBeLessThan(300);
    expect(sockets.length + list(h, { after: String(next) }).sockets.length).toBe(300);
  });

  it("shows a room's code's socket.data, to holders of keys only, and no more than 4,096 characters", async () => {
    const handlers: Handlers = {
      onConnect(socket) {
        const { size } = socket.handshake.auth;
        socket.data.text = "x".repeat(Number(size));
      },
    };
    const h = new Harness({ handlers });
    const [small, large] = [await h.join({ size: 4_085 }), await h.join({ size: 4_086 })];
    const data = new Map(list(h).sockets.map((socket) => [socket.id, socket.data]));
    expect(data.get(small.id)).toEqual({ text: "x".repeat(4_085) });
    expect(data.get(large.id)).toBeNull();
    const claims: Claims = { identity: "http", scope: OPEN_ACCESS.anonymous, rooms: ["*"] };
    expect(listSockets(h.room, "lobby", { claims, limit: 1 })).toEqual({ kind: "needs_key" });
  });

  it("needs the scope presence, for this room", async () => {
    const h = new Harness();
    const claims = (scope: Claims["scope"], rooms = ["*"]): Claims => ({ ...ADMIN, scope, rooms });
    const kinds = [
      claims(["presence"]),
      claims(["read", "write"]),
      claims(["admin"], ["other"]),
    ].map((claims) => listSockets(h.room, "lobby", { claims, limit: 1 }).kind);
    expect(kinds).toEqual(["page", "forbidden", "forbidden"]);
  });
});

describe("PRES-2 a backend disconnects", () => {
  it("a socket: it is told so, and its session stays", async () => {
    const h = new Harness();
    const [client, other] = [await h.join(), await h.join()];
    const answer = disconnectSockets(h.room, "lobby", { claims: ADMIN, whom: { id: client.id } });
    expect(answer).toEqual({ kind: "done", disconnected: 1 });
    expect([client.transcript.disconnects, client.wire.closed]).toEqual([1, undefined]);
    expect(other.transcript.disconnects).toBe(0);
    expect(list(h).sockets.map(({ id }) => id)).toEqual([other.id]);
    const again = disconnectSockets(h.room, "lobby", { claims: ADMIN, whom: { id: client.id } });
    expect(again).toEqual({ kind: "unknown" });
  });

  it("one that polls, between two GETs: it is told with the next one, however old its session is", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    for (let round = 0; round < 3; round++) {
      h.pass(25_000);
      expect(await client.poll()).toBe("2");
      client.send("3");
      await h.settle();
    }
    disconnectSockets(h.room, "lobby", { claims: ADMIN, whom: { id: client.id } });
    h.pass(1_000);
    expect(await client.poll()).toBe("41");
    // It may join again within the time for that, and has to.
    h.pass(24_000);
    expect(await client.poll()).toBe("2");
    client.send("3");
    h.pass(20_000);
    expect([...h.room.sessions]).toEqual([]);
  });

  it("all of an identity", async () => {
    const { access, token } = await keyed("backend");
    const h = new Harness({ access });
    const clients = [await h.join({ token }), await h.join({ token }), await h.join()];
    const whom = { identity: "key:backend" };
    const request = { claims: ADMIN, whom };
    expect(disconnectSockets(h.room, "lobby", request)).toMatchObject({ disconnected: 2 });
    expect(clients.map(({ transcript }) => transcript.disconnects)).toEqual([1, 1, 0]);
    expect(disconnectSockets(h.room, "lobby", request)).toMatchObject({ disconnected: 0 });
  });

  it.each(["its identity", "its id"])(
    "one that a room's code is still asked about, by %s: it is not let in, but may come again",
    async (by) => {
      const { access, token } = await keyed("backend");
      let id = "";
      const door = new SlowDoor((socket) => {
        id = socket.id;
        return true;
      });
      const gone: string[] = [];
      const onDisconnect: Handlers["onDisconnect"] = (_, reason) => void gone.push(reason);
      const h = new Harness({ access, handlers: { ...door.handlers, onDisconnect } });
      const client = h.websocket();
      client.connect({ token });
      await door.waiting(h);
      const whom = by === "its id" ? { id } : { identity: "key:backend" };
      const answer = disconnectSockets(h.room, "lobby", { claims: ADMIN, whom });
      expect(answer).toEqual({ kind: "done", disconnected: 1 });
      expect([client.transcript.disconnects, client.wire.closed]).toEqual([1, undefined]);
      await door.open(h);
      expect([client.id, h.room.sockets, gone]).toEqual(["", [], []]);
      client.connect({ token });
      await door.waiting(h);
      await door.open(h);
      expect(client.id).not.toBe("");
    },
  );

  it("with the scope admin only", async () => {
    const h = new Harness();
    const client = await h.join();
    const claims: Claims = { ...ADMIN, scope: ["read", "write", "presence"] };
    const whom = { id: client.id };
    expect(disconnectSockets(h.room, "lobby", { claims, whom })).toEqual({ kind: "forbidden" });
    expect(await move(h, whom, { claims, join: ["red"] })).toEqual({ kind: "forbidden" });
    expect(list(h).sockets).toHaveLength(1);
  });

  it("and a room's code hears of it", async () => {
    const reasons: string[] = [];
    const handlers: Handlers = { onDisconnect: (_, reason) => void reasons.push(reason) };
    const h = new Harness({ handlers });
    const client = await h.join();
    disconnectSockets(h.room, "lobby", { claims: ADMIN, whom: { id: client.id } });
    await h.settle();
    expect(reasons).toEqual(["server namespace disconnect"]);
  });
});

describe("PRES-3 a backend puts a socket into rooms", () => {
  it("and takes it out: what is published to them reaches it, or not", async () => {
    const h = new Harness();
    const client = await h.join();
    const moved = await move(h, { id: client.id }, { join: ["red", "blue"] });
    expect(moved).toEqual({ kind: "moved", sockets: [{ id: client.id, rooms: ["red", "blue"] }] });
    await publishTo(h, "red");
    await move(h, { id: client.id }, { join: ["green"], leave: ["red", "never"] });
    await publishTo(h, "red");
    await publishTo(h, "green");
    expect(client.seqs).toEqual([1, 3]);
  });

  it("ROOM-3 which outlive a resume and an eviction, without any code", async () => {
    const h = new Harness();
    const client = await h.join();
    await move(h, { id: client.id }, { join: ["red"] });
    client.drop();
    await publishTo(h, "red");
    const again = await h.join(client.resume);
    expect(again.seqs).toEqual([1]);
    const woken = await hibernate(h, again);
    await publishTo(woken, "red");
    expect(again.seqs).toEqual([1, 2]);
    again.drop();
    const third = await hibernate(woken);
    const last = await third.join(again.resume);
    await publishTo(third, "red");
    expect(last.seqs).toEqual([3]);
  });

  it("all sockets of an identity, all or none", async () => {
    const { access, token } = await keyed("backend");
    const h = new Harness({ access });
    const [one, two] = [await h.join({ token }), await h.join({ token })];
    const whom = { identity: "key:backend" };
    const rooms = Array.from({ length: 63 }, (_, i) => `r${i}`);
    await move(h, { id: two.id }, { join: rooms });
    const ids = (result: unknown) => (result as { sockets: Listed[] }).sockets.map(({ id }) => id);
    expect(ids(await move(h, whom, { join: ["red"] })).sort()).toEqual([one.id, two.id].sort());
    expect(await move(h, whom, { join: ["blue"] })).toEqual({
      kind: "too_many_rooms",
      detail: "a socket may be in 64 rooms",
    });
    await publishTo(h, "blue");
    await publishTo(h, "red");
    expect([one.seqs, two.seqs]).toEqual([[2], [2]]);
    expect(await move(h, whom, { join: ["blue"], leave: ["red"] })).toMatchObject({
      kind: "moved",
    });
    expect(await move(h, { identity: "key:nobody" }, {})).toEqual({ kind: "moved", sockets: [] });
    expect(await move(h, { id: "nobody" }, {})).toEqual({ kind: "unknown" });
  });

  it("which costs a row for the socket, and rooms that never use it nothing", async () => {
    const h = new Harness();
    const client = await h.join();
    const before = changes(h);
    client.drop();
    const again = await h.join(client.resume);
    expect(changes(h)).toBe(before);
    await move(h, { id: again.id }, { join: ["red"] });
    expect(changes(h)).toBe(before + 1);
    await move(h, { id: again.id }, { join: ["red"] });
    expect(changes(h)).toBe(before + 1);
    expect(h.sql.all("SELECT id, left FROM roomlog_sockets")).toEqual([
      { id: again.id, left: null },
    ]);
  });

  it("a socket that could not resume begins without them", async () => {
    const h = new Harness();
    const client = await h.join();
    await move(h, { id: client.id }, { join: ["red"] });
    client.drop();
    const again = await h.join({ pid: client.pid, offset: "gone-1" });
    expect(again.id).toBe(client.id);
    await publishTo(h, "red");
    expect(again.seqs).toEqual([]);
  });

  it("is all undone if it can't be stored", async () => {
    const h = new Harness();
    const client = await h.join();
    h.sql.run(
      "CREATE TRIGGER broken BEFORE INSERT ON roomlog_sockets BEGIN SELECT RAISE(ABORT, 'disk'); END",
    );
    const request = { claims: ADMIN, whom: { id: client.id }, join: ["red"], leave: [] };
    const moved = expect(moveSockets(h.room, "lobby", request)).rejects.toThrow(/disk/);
    await h.settle();
    await moved;
    expect(list(h).sockets[0]).not.toHaveProperty("rooms");
  });
});
