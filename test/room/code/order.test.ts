import { describe, expect, it } from "vitest";
import type { VerifyToken } from "../../../src/auth/access.ts";
import type { IncomingEvent } from "../../../src/room/incoming-event.ts";
import { disconnectSockets } from "../../../src/room/sockets.ts";
import { Harness, nextEventLoopTurn } from "../../support/room-harness.ts";

const ADMIN = { identity: "key:admin", scope: ["admin"], rooms: ["*"] } as const;

/** Handlers that end when the test lets them: `finish(name)`. */
class Gates {
  readonly started: string[] = [];
  readonly #open = new Map<string, () => void>();

  async pass(event: IncomingEvent): Promise<void> {
    this.started.push(event.name);
    await new Promise<void>((resolve) => this.#open.set(event.name, resolve));
  }

  finish(name: string): void {
    this.#open.get(name)?.();
  }
}

describe("a handler that awaits", () => {
  it("ROOM-1 holds up its own socket's events, in order, and nobody else's", async () => {
    const gates = new Gates();
    const h = new Harness({
      handlers: {
        async onEvent(_, event) {
          if (event.name.startsWith("slow")) await gates.pass(event);
          event.relay();
        },
      },
    });
    const [one, two, reader] = [await h.join(), await h.join(), await h.join()];
    for (const name of ["slow1", "a", "slow2", "b"]) one.emit(name);
    two.emit("other");
    await h.settle();
    expect([gates.started, namesOf(reader)]).toEqual([["slow1"], ["other"]]);
    gates.finish("slow1");
    await h.settle();
    expect([gates.started, namesOf(reader)]).toEqual([
      ["slow1", "slow2"],
      ["other", "slow1", "a"],
    ]);
    gates.finish("slow2");
    await h.settle();
    expect(namesOf(reader)).toEqual(["other", "slow1", "a", "slow2", "b"]);
    expect(reader.seqs).toEqual([1, 2, 3, 4, 5]);
  });

  it.each([
    ["a kick", "server namespace disconnect", 1],
    ["the end of its token", "token expired", 1],
    ["its client's own going", "transport close", 3],
  ])("ROOM-1 AUTH-4 after %s: what of its events is still taken", async (_, reason, taken) => {
    const { promise: free, resolve } = Promise.withResolvers<void>();
    const names: string[] = [];
    const ends: string[] = [];
    const ada = { identity: "sub:ada", scope: ["read", "write"], rooms: ["*"] } as const;
    const tokens: VerifyToken = async (token) => ({
      kind: "known",
      claims: { ...ada, expiresAt: Number(token) },
    });
    const h = new Harness({
      access: { anonymous: [], keys: [], tokens },
      handlers: {
        async onEvent(_, event) {
          names.push(event.name);
          if (event.name === "slow") await free;
          event.relay();
        },
        onDisconnect: (_, why) => void ends.push(why),
      },
    });
    const client = await h.join({ token: String(h.now + 60_000) });
    for (const name of ["slow", "b", "c"]) client.emit(name);
    await h.settle();
    if (reason === "transport close") client.drop();
    else if (reason === "token expired") h.pass(60_000);
    else disconnectSockets(h.room, "lobby", { claims: ADMIN, whom: { id: client.id } });
    await h.settle();
    resolve();
    await h.settle();
    expect([names, ends]).toEqual([["slow", "b", "c"].slice(0, taken), [reason]]);
    // What the code was busy with is its own to end.
    expect(h.log.head).toBe(taken);
  });

  it("EMIT-6 keeps its socket's order, however often it awaits", async () => {
    const h = new Harness({
      handlers: {
        async onEvent(_, event) {
          for (let i = 0; i < Number(event.args[0]); i++) await nextEventLoopTurn();
          event.relay();
        },
      },
    });
    const [one, two, reader] = [await h.join(), await h.join(), await h.join()];
    for (let n = 0; n < 20; n++) {
      one.emit("one", (n * 7) % 4, n);
      two.emit("two", (n * 3) % 5, n);
    }
    while (reader.events.length < 40) {
      await nextEventLoopTurn();
      h.turn();
    }
    for (const name of ["one", "two"]) {
      const own = reader.events.filter((event) => event.name === name);
      expect(own.map(({ args }) => args[1])).toEqual(Array.from({ length: 20 }, (_, n) => n));
    }
    expect(reader.seqs).toEqual(Array.from({ length: 40 }, (_, n) => n + 1));
  });

  it("ROOM-1 that never ends refuses its event when its time is up, and its socket goes on", async () => {
    const late: IncomingEvent[] = [];
    const h = new Harness({
      handlerTimeout: 1,
      handlers: {
        async onEvent(_, event) {
          if (event.name === "hang") {
            late.push(event);
            await new Promise(() => {});
          }
          event.relay();
        },
      },
    });
    const [client, reader] = [await h.join(), await h.join()];
    const hung = client.emit("hang");
    const next = client.emit("next");
    while (client.transcript.acksOf(next).length === 0) {
      await nextEventLoopTurn();
      h.turn();
    }
    expect(client.transcript.acksOf(hung)).toMatchObject([{ error: { code: "timeout" } }]);
    expect(namesOf(reader)).toEqual(["next"]);
    // Too late: what it would relay now would be out of order.
    expect(() => late[0]?.relay()).toThrow(/over/);
    expect(h.reported).toMatchObject([{ message: expect.stringContaining("1 ms") }]);
  });

  it("ENG-9 BAD-72 ends the session of a client that piles up too many events behind it", async () => {
    const gates = new Gates();
    const h = new Harness({ handlers: { onEvent: (_, event) => gates.pass(event) } });
    const [client, other] = [await h.join(), await h.join()];
    client.emit("slow");
    await h.settle();
    for (let n = 0; n < 1_001; n++) client.emit("more");
    await h.settle();
    expect([client.wire.closed, other.wire.closed]).toEqual([
      { code: 1008, reason: "too many packets" },
      undefined,
    ]);
  });
});

describe("ENG-9 what waits", () => {
  const large = "x".repeat(900_000);

  it("behind a slow handler is bounded in size", async () => {
    const gates = new Gates();
    const h = new Harness({ handlers: { onEvent: (_, event) => gates.pass(event) } });
    const client = await h.join();
    client.emit("slow");
    await h.settle();
    for (let n = 0; n < 4; n++) client.emit("more", large);
    await h.settle();
    expect(client.wire.closed).toBeUndefined();
    for (let n = 0; n < 2; n++) client.emit("more", large);
    await h.settle();
    expect(client.wire.closed).toEqual({ code: 1008, reason: "too many packets" });
  });

  it("behind a CONNECT that is being checked is bounded in size", async () => {
    const h = new Harness({ handlers: { onConnect: () => new Promise(() => {}) } });
    const client = h.websocket();
    client.connect();
    for (let n = 0; n < 4; n++) client.emit("more", large);
    expect(client.wire.closed).toBeUndefined();
    client.emit("more", large);
    expect(client.wire.closed).toEqual({ code: 1008, reason: "too many packets" });
  });
});

describe("handlers that do not await", () => {
  it("share one turn, and so one commit", async () => {
    const h = new Harness({ handlers: { onEvent: (_, event) => void event.relay() } });
    const [one, two, reader] = [await h.join(), await h.join(), await h.join()];
    for (let n = 0; n < 10; n++) {
      one.emit("one");
      two.emit("two");
    }
    h.turn();
    expect([h.turnDue, reader.events.length]).toEqual([false, 20]);
  });

  it("SUB-9 what several handlers log is in one order for all", async () => {
    const h = new Harness({
      handlers: {
        onEvent(socket, event) {
          event.relay();
          socket.broadcast.emit("echo", event.args[0]);
          socket.emit("own", event.args[0]);
        },
      },
    });
    const [one, two, reader] = [await h.join(), await h.join(), await h.join()];
    for (let n = 0; n < 5; n++) {
      one.emit("a", n);
      two.emit("b", n);
    }
    await h.settle();
    expect(reader.seqs).toEqual(reader.seqs.toSorted((a, b) => a - b));
    const late = await h.join({ offset: "0" });
    expect(late.events).toEqual(reader.events);
    expect(one.events.filter(({ name }) => name === "own").map(({ args }) => args)).toEqual(
      [0, 1, 2, 3, 4].map((n) => [n]),
    );
  });
});

function namesOf(client: { readonly events: readonly { readonly name: string }[] }): string[] {
  return client.events.map(({ name }) => name);
}
