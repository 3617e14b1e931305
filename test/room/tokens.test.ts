import { describe, expect, it } from "vitest";
import type { AccessSettings, VerifyToken } from "../../src/auth/access.ts";
import { tokenVerifier } from "../../src/auth/token.ts";
import { MemoryLog } from "../../src/log/memory-log.ts";
import type { Handlers } from "../../src/room/handlers.ts";
import type { WireClient } from "../support/room-client.ts";
import { EPOCH, Harness, type HarnessOptions, nextEventLoopTurn } from "../support/room-harness.ts";
import { SlowDoor } from "../support/slow-door.ts";
import { SECRET, secretKey, tokenOf } from "../support/tokens.ts";

const MINUTE = 60_000;
const key = secretKey(SECRET);
const upTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

/** A room whose clients bring tokens, checked by the room's own clock. */
class TokenRoom extends Harness {
  readonly verify: VerifyToken;

  constructor(options: HarnessOptions = {}, open: Partial<AccessSettings> = {}) {
    const clock = { now: () => 0 };
    const verify = tokenVerifier({
      algorithm: "HS256",
      keysFor: async () => [new TextEncoder().encode(SECRET)],
      now: () => clock.now(),
    });
    super({ access: { keys: [], anonymous: [], tokens: verify, ...open }, ...options });
    clock.now = () => this.now;
    this.verify = verify;
  }

  /** A token for so many milliseconds. */
  token(life: number, claims: object = {}): Promise<string> {
    return tokenOf(key, { exp: (this.now + life) / 1_000, ...claims }, this.now);
  }

  async joinFor(life: number, claims: object = {}, auth: object = {}): Promise<WireClient> {
    return this.join({ token: await this.token(life, claims), ...auth });
  }

  async renew(client: WireClient, life: number, claims: object = {}): Promise<unknown> {
    return client.ask("roomlog:auth", { token: await this.token(life, claims) });
  }
}

const EXPIRED = { code: 3000, reason: "token expired" };

describe("a socket with a token", () => {
  it("AUTH-1 may do in this room what its token says", async () => {
    const h = new TokenRoom();
    const reader = await h.joinFor(MINUTE, { scope: "read" });
    const writer = await h.joinFor(MINUTE, { scope: "write", room: ["other", "lob*"] });
    expect(await reader.ask("chat")).toMatchObject({ error: { code: "forbidden" } });
    expect(await writer.ask("chat")).toMatchObject({ duplicate: false });
    expect(reader.seqs).toEqual([1]);
    expect(writer.seqs).toEqual([]);
  });

  it.each([
    ["no token", {}, "unauthorized"],
    ["null", { token: null }, "unauthorized"],
    ["a number (BAD-44)", { token: 123 }, "invalid_token"],
    ["an object (BAD-44)", { token: {} }, "invalid_token"],
    ["a list", { token: [] }, "invalid_token"],
    ["what is no token", { token: "a.b" }, "invalid_token"],
  ])("AUTH-6 with %s is refused", async (_, auth, code) => {
    const client = await new TokenRoom().join(auth);
    expect(client.transcript.errors).toMatchObject([{ data: { code } }]);
    expect(client.wire.closed).toBeUndefined();
  });

  it("BAD-86 of another room, or with no rights, is refused", async () => {
    const h = new TokenRoom();
    for (const claims of [{ room: "lobby2" }, { room: [] }, { scope: [] }, { scope: "presence" }]) {
      const { transcript } = await h.joinFor(MINUTE, claims);
      expect(transcript.errors).toMatchObject([{ data: { code: "forbidden" } }]);
    }
  });

  it("AUTH-9 is told when tokens can't be checked, and may try again", async () => {
    let answers: "unavailable" | "known" = "unavailable";
    const claims = { identity: "sub:ann", scope: ["read"], rooms: ["*"] } as const;
    const tokens = async () =>
      answers === "known" ? { kind: answers, claims } : { kind: answers };
    const h = new TokenRoom({}, { tokens });
    const client = await h.join({ token: "t" });
    expect(client.transcript.errors).toMatchObject([{ data: { code: "unavailable" } }]);
    answers = "known";
    client.connect({ token: "t" });
    await h.settle();
    expect(client.transcript.connected).toBeDefined();
  });

  it("EMIT-3 is its sub: with another token of the same it is the same sender", async () => {
    const h = new TokenRoom();
    const first = await h.joinFor(MINUTE);
    await first.ask("chat", { idempotencyKey: "k" });
    const again = await h.joinFor(2 * MINUTE);
    expect(await again.ask("chat", { idempotencyKey: "k" })).toMatchObject({ duplicate: true });
    const other = await h.joinFor(MINUTE, { sub: "bob" });
    expect(await other.ask("chat", { idempotencyKey: "k" })).toMatchObject({ duplicate: false });
  });

  it("EMIT-3 SUB-5 can't be confused with a key's holder, an anonymous client, or another sub", async () => {
    const h = new TokenRoom({}, { anonymous: ["read", "write"] });
    const bob = await h.joinFor(MINUTE, { sub: "bob" });
    for (const thief of [
      await h.join(bob.resume),
      await h.joinFor(MINUTE, { sub: "ann" }, bob.resume),
      await h.join({ ...bob.resume, clientId: "sub:bob-sub:bob-sub:bob" }),
    ]) {
      expect(thief.transcript.connected).toBeDefined();
      expect(thief.id).not.toBe(bob.id);
    }
    expect(bob.wire.closed).toBeUndefined();
    const again = await h.joinFor(2 * MINUTE, { sub: "bob" }, bob.resume);
    expect(again.id).toBe(bob.id);
  });

  it("ROOM-2 without keys and tokens auth.token is the room's code's; with tokens it is not", async () => {
    const seen: unknown[] = [];
    const handlers: Handlers = {
      onConnect: ({ handshake }) => void seen.push(handshake.auth.token),
    };
    await new TokenRoom({ handlers }, { tokens: undefined, anonymous: ["read"] }).join({
      token: 7,
    });
    expect(seen).toEqual([7]);
    const { transcript } = await new TokenRoom({ handlers }).join({ token: 7 });
    expect(transcript.errors).toMatchObject([{ data: { code: "invalid_token" } }]);
    expect(seen).toEqual([7]);
  });
});

describe("expiry", () => {
  it("AUTH-4 ends the session by its transport, so that the client comes back", async () => {
    const h = new TokenRoom();
    const client = await h.joinFor(MINUTE);
    const forever = await h.joinFor(60 * MINUTE, { sub: "bob" });
    expect(h.wakes).toContain(h.now + MINUTE);
    h.pass(MINUTE - 1);
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.wire.closed).toEqual(EXPIRED);
    expect(client.transcript.disconnects).toBe(0);
    expect(forever.wire.closed).toBeUndefined();
    const again = await h.joinFor(MINUTE, {}, client.resume);
    expect(again.id).toBe(client.id);
  });

  it("AUTH-4 asks to be woken by then, whatever else is due", async () => {
    const h = new TokenRoom();
    await h.joinFor(7_000);
    const { now } = h;
    expect(Math.min(...h.wakes)).toBe(now + 7_000);
    h.wakes.splice(0);
    h.pass(5_000);
    expect(Math.min(...h.wakes)).toBe(now + 7_000);
  });

  it("AUTH-4 holds after hibernation", async () => {
    const h = new TokenRoom();
    const client = await h.joinFor(MINUTE);
    const woken = new TokenRoom({ log: h.log, now: h.now });
    woken.room.sessions.restore([[client.wire, client.wire.saved]], h.now + 25_000);
    woken.pass(MINUTE - 1);
    expect(client.wire.closed).toBeUndefined();
    woken.pass(1);
    expect(client.wire.closed).toEqual(EXPIRED);
  });

  it("AUTH-4 is looked at with each event, though no alarm has rung", async () => {
    for (const send of ['42["chat"]', '420["roomlog:auth",{}]', "430[1]"]) {
      const h = new TokenRoom();
      const client = await h.joinFor(MINUTE);
      h.now += MINUTE;
      client.send(send);
      await h.settle();
      expect(client.wire.closed).toEqual(EXPIRED);
      expect(h.log.head).toBe(0);
    }
  });

  it("AUTH-4 of a polling client ends its session, at the poll if no alarm has rung", async () => {
    for (const rings of [true, false]) {
      const h = new TokenRoom();
      const client = await h.joinPolling({ token: await h.token(MINUTE) });
      await client.poll();
      if (rings) h.pass(MINUTE);
      else h.now += MINUTE;
      expect(await client.poll()).toMatchObject({ code: rings ? 1 : 3 });
      expect(await client.poll()).toMatchObject({ code: 1 });
    }
  });

  it("AUTH-4 of one of several namespaces ends the session", async () => {
    const h = new TokenRoom();
    const client = await h.joinFor(60 * MINUTE);
    client.send(`40/orders,${JSON.stringify({ token: await h.token(MINUTE) })}`);
    await h.settle();
    h.pass(MINUTE);
    expect(client.wire.closed).toEqual(EXPIRED);
  });

  it.each([
    ["for the present", {}],
    ["for a replay", { offset: "0" }],
  ])(
    "AUTH-4 a token that runs out while the room's code is asked lets nobody in, %s",
    async (_, auth) => {
      const door = new SlowDoor();
      const h = new TokenRoom({ handlers: door.handlers });
      h.fill(3);
      const client = h.websocket();
      client.connect({ token: await h.token(MINUTE), ...auth });
      await door.waiting(h);
      h.now += MINUTE;
      await door.open(h);
      expect(client.wire.closed).toEqual(EXPIRED);
      expect([client.transcript.connected, client.seqs]).toEqual([undefined, []]);
    },
  );

  it("AUTH-4 in the middle of a replay: no further page is sent", async () => {
    const h = new TokenRoom();
    h.fill(1_300);
    const client = h.websocket();
    client.connect({ token: await h.token(MINUTE), offset: "0" });
    while (client.id === "") await nextEventLoopTurn();
    expect(client.seqs).toEqual(upTo(500));
    h.now += MINUTE;
    await h.settle();
    expect(client.seqs).toEqual(upTo(500));
    expect(client.wire.closed).toEqual(EXPIRED);
    // With a fresh token it goes on there.
    const again = await h.joinFor(MINUTE, {}, client.resume);
    expect(again.seqs).toEqual(upTo(1_300).slice(500));
  });

  it("AUTH-4 PRES-6 who comes back with a fresh token has neither left nor come", async () => {
    const h = new TokenRoom();
    const claims = { sub: "eve", scope: "read presence" };
    const watcher = await h.joinFor(60 * MINUTE, claims, { presence: true });
    const client = await h.joinFor(MINUTE);
    h.pass(MINUTE);
    expect(client.wire.closed).toEqual(EXPIRED);
    await h.joinFor(MINUTE, {}, client.resume);
    h.pass(20_000);
    await h.settle();
    const told = watcher.notices.map(({ name, args }) => [name, args[0]]);
    expect(told).toMatchObject([
      ["roomlog:presence", { members: [{ identity: "sub:eve" }] }],
      ["roomlog:join", { id: client.id, identity: "sub:ann" }],
    ]);
  });

  it("AUTH-4 a key has none, and an anonymous client has none", async () => {
    const h = new TokenRoom({}, { anonymous: ["read"] });
    const client = await h.join();
    for (let rounds = 0; rounds < 100; rounds++) {
      h.pass(25_000);
      client.pong();
    }
    expect(client.wire.closed).toBeUndefined();
  });
});

describe("roomlog:auth", () => {
  it("AUTH-8 a fresh token goes on where the old one ends, on the same connection", async () => {
    const h = new TokenRoom();
    const client = await h.joinFor(MINUTE);
    expect(await h.renew(client, 5 * MINUTE)).toEqual({ expiresAt: h.now + 5 * MINUTE });
    for (let passed = 0; passed < 5 * MINUTE - 20_000; passed += 20_000) {
      h.pass(20_000);
      client.pong();
      expect(client.wire.closed).toBeUndefined();
    }
    h.pass(20_000);
    expect(client.wire.closed).toEqual(EXPIRED);
  });

  it("AUTH-8 it may as well be a shorter one, and is kept through hibernation", async () => {
    const h = new TokenRoom();
    const client = await h.joinFor(5 * MINUTE);
    await h.renew(client, MINUTE);
    expect(h.wakes.at(-1)).toBe(h.now + MINUTE);
    const woken = new TokenRoom({ log: h.log, now: h.now });
    woken.room.sessions.restore([[client.wire, client.wire.saved]], h.now + 25_000);
    woken.pass(MINUTE);
    expect(client.wire.closed).toEqual(EXPIRED);
  });

  it("AUTH-8 is not logged, not sent to others, and not shown to the room's code", async () => {
    const names: string[] = [];
    const handlers: Handlers = { onEvent: (_, event) => void names.push(String(event.name)) };
    for (const options of [{}, { handlers }]) {
      const h = new TokenRoom(options);
      const [client, other] = [await h.joinFor(MINUTE), await h.joinFor(MINUTE)];
      expect(await h.renew(client, MINUTE)).toMatchObject({ expiresAt: h.now + MINUTE });
      expect(h.log.head).toBe(0);
      expect(other.transcript.events).toEqual([]);
    }
    expect(names).toEqual([]);
  });

  it.each<[string, (h: TokenRoom) => Promise<unknown>, string]>([
    ["nothing", async () => undefined, "invalid_token"],
    ["null", async () => null, "invalid_token"],
    ["the token alone", (h) => h.token(MINUTE), "invalid_token"],
    ["a number", async () => ({ token: 123 }), "invalid_token"],
    ["no token in it", async () => ({}), "invalid_token"],
    ["a wrong one", async () => ({ token: "a.b.c" }), "invalid_token"],
    ["an old one", async (h) => ({ token: await h.token(-1) }), "token_expired"],
    ["another's", async (h) => ({ token: await h.token(MINUTE, { sub: "bob" }) }), "forbidden"],
    ["another room's", async (h) => ({ token: await h.token(MINUTE, { room: "b" }) }), "forbidden"],
    ["none's", async (h) => ({ token: await h.token(MINUTE, { scope: [] }) }), "forbidden"],
  ])("AUTH-8 with %s is refused, and the old rights stay", async (_, argument, code) => {
    const h = new TokenRoom({}, { anonymous: ["read", "write"] });
    const client = await h.joinFor(MINUTE);
    const other = await h.joinFor(5 * MINUTE);
    const answer = await client.ask("roomlog:auth", await argument(h));
    expect(answer).toEqual({ error: { code, message: expect.any(String) } });
    expect(await client.ask("chat")).toMatchObject({ duplicate: false });
    await other.ask("chat");
    expect(client.seqs).toEqual([2]);
    h.pass(MINUTE);
    expect(client.wire.closed).toEqual(EXPIRED);
  });

  it("AUTH-8 of an anonymous client is refused: with a token it is somebody else", async () => {
    const h = new TokenRoom({}, { anonymous: ["read"] });
    const client = await h.join();
    expect(await h.renew(client, MINUTE)).toMatchObject({ error: { code: "forbidden" } });
  });

  it("AUTH-8 later packets wait behind the check", async () => {
    const check = Promise.withResolvers<void>();
    const h = new TokenRoom();
    const client = await h.joinFor(MINUTE, { scope: "read" });
    const tokens: VerifyToken = async (token) => {
      await check.promise;
      return h.verify(token);
    };
    const slow = new TokenRoom({ log: h.log, now: h.now }, { tokens });
    slow.room.sessions.restore([[client.wire, client.wire.saved]], h.now + 25_000);
    const fresh = await h.token(MINUTE, { scope: ["read", "write"] });
    const send = (text: string) => slow.track(slow.room.sessions.message(client.wire, text));
    send(`427${JSON.stringify(["roomlog:auth", { token: fresh }])}`);
    send('428["chat"]');
    await nextEventLoopTurn();
    expect(client.transcript.acks.size).toBe(0);
    check.resolve();
    await slow.settle();
    expect([...client.transcript.acks.keys()]).toEqual([7, 8]);
    expect(client.transcript.acksOf(8)).toMatchObject([{ duplicate: false }]);
  });

  it("AUTH-8 in envelope form it is the same", async () => {
    const h = new TokenRoom();
    h.format = "envelope";
    const client = await h.joinFor(MINUTE);
    expect(await h.renew(client, MINUTE)).toEqual({ expiresAt: h.now + MINUTE });
  });

  it("AUTH-8 new rights hold at once: who may no longer write", async () => {
    const h = new TokenRoom();
    const client = await h.joinFor(MINUTE);
    await h.renew(client, MINUTE, { scope: "read" });
    expect(await client.ask("chat")).toMatchObject({ error: { code: "forbidden" } });
    await h.renew(client, MINUTE, { scope: "read write" });
    expect(await client.ask("chat")).toMatchObject({ duplicate: false });
  });

  it("AUTH-8 who may no longer read is sent nothing, and goes on from there if it may again", async () => {
    const h = new TokenRoom();
    const [client, other] = [await h.joinFor(MINUTE), await h.joinFor(MINUTE)];
    await other.ask("chat");
    await h.renew(client, MINUTE, { scope: "write" });
    await other.ask("chat");
    await other.ask("typing");
    expect(client.seqs).toEqual([1]);
    // Through hibernation too.
    const woken = new TokenRoom({ log: h.log, now: h.now });
    woken.room.sessions.restore([[client.wire, client.wire.saved]], h.now + 25_000);
    await (await woken.joinFor(MINUTE)).ask("chat");
    expect(client.seqs).toEqual([1]);
    const token = await woken.token(MINUTE);
    const packet = `429${JSON.stringify(["roomlog:auth", { token }])}`;
    woken.track(woken.room.sessions.message(client.wire, packet));
    await woken.settle();
    expect(client.seqs).toEqual([1, 2, 3, 4]);
    expect(client.notices).toEqual([]);
    await (await woken.joinFor(MINUTE)).ask("chat");
    expect(client.seqs).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ["kept", true],
    ["wiped", false],
  ])(
    "AUTH-8 SUB-16 who may read again in a new epoch, with the events %s, is told of the gap",
    async (_, keep) => {
      let epochs = 0;
      const log = new MemoryLog(() => `ep${++epochs}`);
      const h = new TokenRoom({ log });
      const scope = "read write presence";
      const client = await h.joinFor(MINUTE, { scope }, { presence: true });
      const other = await h.joinFor(MINUTE);
      await other.ask("one");
      await h.renew(client, MINUTE, { scope: "write presence" });
      await other.ask("two");
      h.room.renew(keep);
      await other.ask("three");
      // SUB-8: whatever else it hears tells where it has stopped.
      await h.joinFor(MINUTE);
      expect(client.transcript.events.at(-1)).toMatchObject({ offset: "ep1-1" });
      const before = client.transcript.events.length;
      // Through hibernation too.
      const woken = new TokenRoom({ log, now: h.now });
      woken.room.sessions.restore([[client.wire, client.wire.saved]], h.now + 25_000);
      await woken.settle();
      const heard = client.transcript.events.length;
      expect(client.transcript.events.slice(before).map(({ name }) => name)).not.toContain("three");
      const token = await woken.token(MINUTE, { scope });
      const packet = `429${JSON.stringify(["roomlog:auth", { token }])}`;
      woken.track(woken.room.sessions.message(client.wire, packet));
      await woken.settle();
      expect(client.transcript.events.slice(heard)).toMatchObject([
        { name: "roomlog:gap", args: [{ requested: "ep1-1", reason: "epoch" }] },
        ...(keep ? [{ name: "one" }, { name: "two" }] : []),
        { name: "three", offset: keep ? "ep2-3" : "ep2-1" },
      ]);
      expect([...woken.counters.gaps]).toEqual([["epoch", 1]]);
    },
  );

  it("AUTH-8 who may read from now on is live from now on", async () => {
    const h = new TokenRoom();
    h.fill(3);
    for (const auth of [{}, { offset: "0" }, { offset: "other-1" }]) {
      const client = await h.joinFor(MINUTE, { scope: "write" }, auth);
      const before = h.log.head;
      const other = await h.joinFor(MINUTE);
      await other.ask("chat");
      await h.renew(client, MINUTE);
      expect(client.transcript.events).toEqual([]);
      await other.ask("chat");
      expect(client.seqs).toEqual([before + 2]);
      client.drop();
      other.drop();
    }
  });

  it("AUTH-8 PRES-5 who may no longer hear who is here hears no more, after sleep as well", async () => {
    const scope = "read write presence";
    const h = new TokenRoom();
    const watcher = await h.joinFor(MINUTE, { scope }, { presence: true });
    const bystander = await h.joinFor(MINUTE, { scope, sub: "eve" }, { presence: true });
    const names = (client: WireClient) => client.notices.map(({ name }) => name);
    await h.renew(watcher, MINUTE, { scope });
    await h.joinFor(MINUTE);
    const before = ["roomlog:presence", "roomlog:join", "roomlog:join"];
    expect(names(watcher)).toEqual(before);
    await h.renew(watcher, MINUTE, { scope: "read" });
    const woken = new TokenRoom({ sql: h.sql, now: h.now });
    for (const room of [h, woken]) {
      if (room === woken) {
        const kept = [watcher, bystander].map(({ wire }) => [wire, wire.saved] as const);
        woken.room.sessions.restore(kept, h.now + 25_000);
        await woken.settle();
      }
      await room.joinFor(MINUTE);
    }
    expect(names(watcher)).toEqual(before);
    expect(names(bystander).filter((name) => name === "roomlog:join").length).toBeGreaterThan(2);
  });

  it("AUTH-8 who may no longer read in the middle of a replay gets no further page", async () => {
    const h = new TokenRoom();
    h.fill(1_300);
    const client = h.websocket();
    client.connect({ token: await h.token(MINUTE), offset: "0" });
    while (client.id === "") await nextEventLoopTurn();
    const token = await h.token(MINUTE, { scope: "write" });
    client.send(`429${JSON.stringify(["roomlog:auth", { token }])}`);
    while (client.transcript.acksOf(9).length === 0) await nextEventLoopTurn();
    await h.settle();
    expect(client.seqs).toEqual(upTo(500));
    await h.renew(client, MINUTE);
    await h.settle();
    await client.drain();
    expect(client.seqs).toEqual(upTo(1_300));
    expect(client.notices.map(({ args }) => args)).toEqual([
      [{ offset: `${EPOCH}-1300`, replayed: 1_300 }],
    ]);
  });
});
