/** How many may come, and how fast what they send. */
import { describe, expect, it } from "vitest";
import type { Claims, VerifyToken } from "../../src/auth/access.ts";
import type { Limits } from "../../src/limits/limits.ts";
import type { Handlers } from "../../src/room/handlers.ts";
import type { IncomingEvent } from "../../src/room/incoming-event.ts";
import { publish } from "../../src/room/publish.ts";
import { EPOCH, EXACT, Harness, nextEventLoopTurn } from "../support/room-harness.ts";
import { SlowDoor } from "../support/slow-door.ts";

const room = (limits: Partial<Limits>, more: object = {}) => new Harness({ limits, ...more });

const CLAIMS = { identity: "key:k", scope: ["write"], rooms: ["*"] } as const;

/** Whoever has a token may write. */
const writers: VerifyToken = async () => ({
  kind: "known",
  claims: { ...CLAIMS, identity: "sub:writer" },
});

const send = (h: Harness, count: number, size = 1, claims: Claims = CLAIMS) =>
  publish(h.room, "lobby", {
    claims,
    events: Array.from({ length: count }, () => ({
      name: "e",
      namespace: "/",
      data: JSON.stringify(["e", "x".repeat(size)]),
      attachments: [],
      audience: null,
      idempotencyKey: null,
      ephemeral: false,
    })),
  });

/** A room for one, whose code is being asked about that one's next connection. */
async function returning() {
  const door = new SlowDoor(({ recovered }) => recovered);
  const h = room({ sockets: 1 }, { handlers: door.handlers });
  const first = await h.join();
  const again = h.websocket();
  again.connect(first.resume);
  await door.waiting(h);
  return { h, door, first, again };
}

describe("too many emits", () => {
  const limits = { emits: { perSecond: 10, burst: 3 } };

  it("EMIT-9 are neither logged nor acked; the socket is told once a second", async () => {
    const h = room(limits);
    const reader = await h.join();
    const sender = await h.join();
    const ids = Array.from({ length: 8 }, (_, i) => sender.emit("chat", i));
    await h.settle();
    expect(ids.map((id) => sender.transcript.acksOf(id).length)).toEqual([1, 1, 1, 0, 0, 0, 0, 0]);
    expect([h.log.head, reader.seqs]).toEqual([3, [1, 2, 3]]);
    expect(sender.notices).toMatchObject([
      {
        name: "roomlog:refused",
        args: [{ code: "rate_limited", retryAfter: 100 }],
        // SUB-8: as far as this reader has come.
        offset: `${EPOCH}-0`,
      },
    ]);
    h.pass(1_000);
    for (let i = 0; i < 5; i++) sender.emit("chat", i);
    await h.settle();
    expect([h.log.head, sender.notices.length]).toEqual([6, 2]);
    expect(sender.wire.closed).toBeUndefined();
  });

  it("EMIT-9 EMIT-5 a retry in time is taken", async () => {
    const h = room(limits);
    const sender = await h.join();
    const ask = () => sender.ask("chat", "hi", { idempotencyKey: "k" });
    for (let i = 0; i < 3; i++) sender.emit("other", i);
    expect(await ask()).toBeUndefined();
    h.pass(99);
    expect(await ask()).toBeUndefined();
    h.pass(2);
    expect(await ask()).toEqual({ offset: `${EPOCH}-4`, duplicate: false });
  });

  it("EMIT-9 are an identity's: its other socket shares them, others don't", async () => {
    const h = room(limits);
    const clientId = "a-secret-of-a-client";
    const [one, two, other] = [
      await h.join({ clientId }),
      await h.join({ clientId }),
      await h.join(),
    ];
    for (let i = 0; i < 3; i++) one?.emit("chat", i);
    expect(await two?.ask("chat")).toBeUndefined();
    expect(await other?.ask("chat")).toEqual({ offset: `${EPOCH}-4`, duplicate: false });
  });

  it("EMIT-9 ephemeral ones count too", async () => {
    const h = room(limits, { ephemeral: ["typing"] });
    const reader = await h.join();
    const sender = await h.join();
    for (let i = 0; i < 8; i++) sender.emit("typing", i);
    await h.settle();
    expect(reader.events).toHaveLength(3);
  });

  it("EMIT-9 of a whole room are refused whoever sends them", async () => {
    const h = room({ roomEmits: { perSecond: 1, burst: 2 } });
    const [one, two] = [await h.join(), await h.join()];
    expect(await one?.ask("chat")).toBeDefined();
    expect(await two?.ask("chat")).toBeDefined();
    expect(await one?.ask("chat")).toBeUndefined();
    expect(await two?.ask("chat")).toBeUndefined();
  });

  it("EMIT-9 of who may not write take nothing of what others have", async () => {
    const access = { keys: [], anonymous: ["read"] as const, tokens: writers };
    const h = room({ roomEmits: { perSecond: 1, burst: 5 } }, { access });
    const reader = await h.join();
    const writer = await h.join({ token: "t" });
    for (let i = 0; i < 20; i++) {
      expect(await reader.ask("chat", i)).toMatchObject({ error: { code: "forbidden" } });
    }
    for (let seq = 1; seq <= 5; seq++) {
      expect(await writer.ask("chat")).toEqual({ offset: `${EPOCH}-${seq}`, duplicate: false });
    }
    expect(await writer.ask("chat")).toBeUndefined();
  });

  it("EMIT-9 HTTP-1 over HTTP that a room's code keeps out take nothing either", async () => {
    const handlers: Handlers = { onEvent: (_, event) => void event.relay() };
    const h = room({ roomEmits: { perSecond: 1, burst: 5 } }, { handlers });
    const anybody = { ...CLAIMS, identity: "http" };
    expect(await send(h, 5, 1, anybody)).toEqual({ kind: "needs_key" });
    expect(await send(h, 5, 1, { ...CLAIMS, rooms: ["hall"] })).toEqual({ kind: "forbidden" });
    const writer = await h.join();
    expect(await writer.ask("chat")).toEqual({ offset: `${EPOCH}-1`, duplicate: false });
  });

  it("EMIT-9 never reach a room's code", async () => {
    const seen: unknown[] = [];
    const handlers = {
      onEvent: (_: unknown, event: { args: readonly unknown[] }) => void seen.push(...event.args),
    };
    const h = room(limits, { handlers });
    const sender = await h.join();
    for (let i = 0; i < 8; i++) sender.emit("chat", i);
    await h.settle();
    expect(seen).toEqual([0, 1, 2]);
  });

  it("ROOM-5 EMIT-9 a room without recovery says nothing of its own", async () => {
    const h = room(limits, { recovery: false });
    const sender = await h.join();
    for (let i = 0; i < 8; i++) sender.emit("chat", i);
    await h.settle();
    expect([h.log.head, sender.transcript.events]).toEqual([3, []]);
  });

  it("EMIT-9 over HTTP say when to come back, and log none of a batch", async () => {
    const h = room({ emits: { perSecond: 2, burst: 10 } });
    const first = send(h, 10);
    await h.settle();
    expect(await first).toMatchObject({ kind: "published" });
    expect(await send(h, 5)).toEqual({ kind: "rate_limited", retryAfter: 3 });
    expect(h.log.head).toBe(10);
    h.pass(2_501);
    const second = send(h, 5);
    await h.settle();
    expect(await second).toMatchObject({ kind: "published" });
  });
});

describe("too much that waits for the turn", () => {
  it("EMIT-10 is refused as something that passes", async () => {
    const h = room({});
    const sender = await h.join();
    const waiting = Array.from({ length: 20 }, () => send(h, 1, 1_700_000));
    const late = send(h, 1);
    const id = sender.emit("chat");
    expect(await late).toEqual({ kind: "overloaded" });
    await h.settle();
    const kinds = (await Promise.all(waiting)).map(({ kind }) => kind);
    expect(kinds).toEqual([...Array(19).fill("published"), "overloaded"]);
    expect([h.log.head, sender.transcript.acksOf(id)]).toEqual([19, []]);
    expect(await sender.ask("chat")).toEqual({ offset: `${EPOCH}-20`, duplicate: false });
  });

  it("EMIT-10 however small it is", async () => {
    const h = room({});
    const sender = await h.join();
    const ids = Array.from({ length: 20_005 }, () => sender.emit("e"));
    await h.settle();
    const acked = ids.filter((id) => sender.transcript.acksOf(id).length > 0);
    expect([h.log.head, acked.length]).toEqual([20_000, 20_000]);
  });

  it("EMIT-10 ROOM-2 also where the room's code takes events", async () => {
    const h = room(
      {},
      { handlers: { onEvent: (_: unknown, event: IncomingEvent) => void event.relay() } },
    );
    const sender = await h.join();
    const ids = Array.from({ length: 20_005 }, () => sender.emit("e"));
    await h.settle();
    const acked = ids.filter((id) => sender.transcript.acksOf(id).length > 0);
    expect([h.log.head, acked.length, sender.wire.closed]).toEqual([20_000, 20_000, undefined]);
    expect(await sender.ask("e")).toEqual({ offset: `${EPOCH}-20001`, duplicate: false });
  });
});

describe("packets that ask for no answer", () => {
  const limits = { packets: { perSecond: 10, burst: 50 } };
  const CLOSED = { code: 1008, reason: "too many packets" };

  it.each([
    ["BAD-72 events without an ack id", '42["x"]'],
    ["BAD-55 acks that nobody waits for", '43999["x"]'],
    ["BAD-42 namespaces", "40/nope,"],
  ])("ENG-13 %s end the session when they are too many, and nobody else's", async (_, frame) => {
    const h = room(limits);
    const bystander = await h.join();
    const client = await h.join();
    for (let i = 0; i < 49; i++) client.send(frame);
    await h.settle();
    expect(client.wire.closed).toBeUndefined();
    client.send(frame, frame, frame);
    await h.settle();
    expect(client.wire.closed).toEqual(CLOSED);
    expect(h.log.head).toBeLessThanOrEqual(50);
    expect(await bystander.ask("chat")).toMatchObject({ duplicate: false });
  });

  it("BAD-36 ENG-13 pongs that nobody asked for are ignored, then end the session", async () => {
    const h = room(limits, { settings: EXACT });
    const client = await h.join();
    for (let i = 0; i < 49; i++) client.send("3");
    expect(await client.ask("chat")).toMatchObject({ duplicate: false });
    client.send("3", "3", "3");
    expect(client.wire.closed).toEqual(CLOSED);
  });

  it("ENG-13 pongs that prove what was received don't count", async () => {
    const h = room({ packets: { perSecond: 1, burst: 2 } });
    h.fill(3_000, (n) => `["old",${n},"${"x".repeat(1_000)}"]`);
    const reader = await h.join({ offset: "0" });
    await reader.drain();
    expect(reader.seqs).toHaveLength(3_000);
    expect(reader.wire.frames.filter((frame) => frame === "2").length).toBeGreaterThan(5);
    expect(reader.wire.closed).toBeUndefined();
  });

  it("ENG-13 events that ask for an ack may come as fast as they are answered", async () => {
    const h = room(limits);
    const sender = await h.join();
    for (let i = 0; i < 500; i++) expect(await sender.ask("chat", i)).toBeDefined();
    expect(sender.wire.closed).toBeUndefined();
  });

  it("BAD-72 EMIT-9 ENG-13 who goes on being too fast is closed", async () => {
    const h = room({ ...limits, emits: { perSecond: 10, burst: 100 } });
    const bystander = await h.join();
    const flooder = await h.join();
    for (let i = 0; i < 10_000; i++) flooder.emit("flood", i);
    await h.settle();
    expect(flooder.wire.closed).toEqual(CLOSED);
    expect(h.log.head).toBe(100);
    expect(h.counters.refusals.of("rate_limited")).toBe(50);
    expect(await bystander.ask("chat")).toEqual({ offset: `${EPOCH}-101`, duplicate: false });
  });

  it("ENG-13 who may not write, and goes on all the same, is closed", async () => {
    const h = room(limits, { access: { keys: [], anonymous: ["read"] } });
    const reader = await h.join();
    const ids = Array.from({ length: 60 }, (_, i) => reader.emit("chat", i));
    await h.settle();
    // The CONNECT was one as well.
    expect(ids.filter((id) => reader.transcript.acksOf(id).length > 0)).toHaveLength(49);
    expect(reader.wire.closed).toEqual(CLOSED);
  });

  it("ENG-13 over polling: what is left of the payload is not taken", async () => {
    const h = room(limits);
    const client = await h.joinPolling();
    client.send(...Array.from({ length: 200 }, () => '42["x"]'));
    await h.settle();
    expect(client.refused).toMatchObject([{ code: 3 }]);
    expect(h.log.head).toBe(49);
  });
});

describe("a polling payload", () => {
  it.each([
    ["as many packets as it may", 5_000, []],
    ["one more", 5_001, [{ code: 3 }]],
    ["BAD-19 half a million", 500_000, [{ code: 3 }]],
  ])("ENG-5 with %s", async (_, count, refused) => {
    const h = room({});
    const client = await h.joinPolling();
    client.send(Array(count).fill("3").join("\x1e"));
    await h.settle();
    expect(client.refused).toMatchObject(refused);
  });

  it("BAD-19 ENG-5 of separators alone ends at the first", async () => {
    const h = room({});
    const client = await h.joinPolling();
    client.send("\x1e".repeat(500_000));
    await h.settle();
    expect(client.refused).toMatchObject([{ code: 3 }]);
  });
});

describe("sockets", () => {
  it("ENG-15 are so many in a room; one that leaves makes room", async () => {
    const h = room({ sockets: 2 });
    const [one] = [await h.join(), await h.join()];
    const third = await h.join();
    expect(third.wire.frames.at(-1)).toBe(
      '44{"message":"The room is full","data":{"code":"room_full"}}',
    );
    one?.drop();
    third.connect();
    await h.settle();
    expect(third.transcript.connected).toBeDefined();
  });

  it("ENG-15 SUB-5 one that resumes takes its own place", async () => {
    const h = room({ sockets: 1 });
    const first = await h.join();
    const again = await h.join(first.resume);
    expect(again.transcript.connected).toMatchObject({ sid: first.id });
  });

  it("ENG-15 SUB-5 its place is kept while a room's code is asked about it", async () => {
    const { h, door, first, again } = await returning();
    const other = h.websocket();
    other.connect();
    while (other.transcript.errors.length === 0) await nextEventLoopTurn();
    expect(other.transcript.errors).toMatchObject([{ data: { code: "room_full" } }]);
    // And if that connection breaks too, it is there for the next one.
    const third = h.websocket();
    third.connect(first.resume);
    await door.waiting(h, 2);
    expect(again.wire.closed?.reason).toBe("resumed elsewhere");
    await door.open(h);
    expect([again.id, third.id]).toEqual(["", first.id]);
    third.drop();
    expect((await h.join()).id).not.toBe("");
  });

  it("ENG-15 SUB-5 the place of one that is not let in again is free", async () => {
    const { h, door, again } = await returning();
    again.drop();
    await door.open(h);
    expect((await h.join()).id).not.toBe("");
  });

  it("ENG-15 are so many of one identity; others still come", async () => {
    const h = room({ socketsPerIdentity: 2 });
    const clientId = "a-secret-of-a-client";
    for (let i = 0; i < 2; i++) expect((await h.join({ clientId })).id).not.toBe("");
    const third = await h.join({ clientId });
    expect(third.wire.frames.at(-1)).toContain('"data":{"code":"too_many_sockets"}');
    expect((await h.join({ clientId: "another-secret-of-one" })).id).not.toBe("");
  });

  it("ENG-15 namespaces count one by one", async () => {
    const h = room({ sockets: 2 });
    const client = await h.join();
    client.send("40/orders,");
    await h.settle();
    expect(client.wire.frames.at(-1)).toMatch(/^40\/orders,/);
    expect((await h.join()).id).toBe("");
  });

  it("ENG-15 no more come in while a room's code is asked", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const h = room({ sockets: 1 }, { handlers: { onConnect: () => promise } });
    const clients = [h.websocket(), h.websocket(), h.websocket()];
    for (const client of clients) client.connect();
    resolve();
    await h.settle();
    expect(clients.filter(({ id }) => id !== "")).toHaveLength(1);
  });
});

describe("what one may have", () => {
  it("ADDR-4 are so many namespaces of a session", async () => {
    const h = room({ namespaces: 2 }, { namespaces: ["*"] });
    const client = await h.join();
    client.send("40/a,", "40/b,");
    await h.settle();
    expect(client.wire.frames.at(-1)).toBe('44/b,{"message":"At most 2 namespaces"}');
    client.send("41/a,", "40/b,");
    await h.settle();
    expect(client.wire.frames.at(-1)).toMatch(/^40\/b,/);
  });

  it("EMIT-5 are so many attachments of an event; one more is a final refusal", async () => {
    const h = room({ attachments: 1 });
    const sender = await h.join();
    const reader = await h.join();
    const place = (num: number) => `{"_placeholder":true,"num":${num}}`;
    sender.send(`451-8["file",${place(0)}]`, "bAQ==");
    await h.settle();
    sender.send(`452-9["file",${place(0)},${place(1)}]`, "bAQ==", "bAQ==");
    await h.settle();
    expect(sender.wire.frames.filter((frame) => String(frame).startsWith("43"))).toEqual([
      `438[{"offset":"${EPOCH}-1","duplicate":false}]`,
      '439[{"error":{"code":"too_large","message":"an event may have 1 attachments"}}]',
    ]);
    expect([h.log.head, reader.seqs]).toEqual([1, [1]]);
    expect(await sender.ask("chat")).toMatchObject({ duplicate: false });
  });
});

describe("sessions that have joined nothing", () => {
  it("BAD-38 ENG-14 are so many; who joins or goes makes room", async () => {
    const h = room({ handshakes: 2 });
    const one = h.websocket();
    const two = await h.polling();
    expect(h.room.sessions.admits(undefined)).toBe(false);
    one.connect();
    await h.settle();
    expect(h.room.sessions.admits(undefined)).toBe(true);
    h.websocket();
    expect(h.room.sessions.admits(undefined)).toBe(false);
    two.send("1");
    await h.settle();
    expect(h.room.sessions.admits(undefined)).toBe(true);
  });

  it("ENG-14 count again when they have left the last namespace", async () => {
    const h = room({ handshakes: 1 });
    const client = await h.join();
    expect(h.room.sessions.admits(undefined)).toBe(true);
    client.send("41");
    await h.settle();
    expect(h.room.sessions.admits(undefined)).toBe(false);
    client.connect();
    await h.settle();
    expect(h.room.sessions.admits(undefined)).toBe(true);
    client.send("1");
    await h.settle();
    expect(h.room.sessions.admits(undefined)).toBe(true);
  });

  it("ENG-14 count again after a hibernation", async () => {
    const before = room({ handshakes: 2 });
    const wires = [before.websocket(), before.websocket(), await before.join()].map((c) => c.wire);
    const after = room({ handshakes: 2 });
    after.room.sessions.restore(
      wires.map((wire) => [wire, wire.saved]),
      after.now,
    );
    expect(after.room.sessions.admits(undefined)).toBe(false);
  });

  it("ENG-14 are not counted where something else is spoken", () => {
    const h = room({ handshakes: 1 }, { handlers: { onMessage: () => {} } });
    h.websocket();
    expect(h.room.sessions.admits(undefined)).toBe(true);
  });
});
