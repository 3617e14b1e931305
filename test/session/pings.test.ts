import { describe, expect, it } from "vitest";
import { EXACT, Harness, SETTINGS } from "../support/room-harness.ts";
import { SlowDoor } from "../support/slow-door.ts";

const pings = (frames: readonly string[]) => frames.filter((frame) => frame === "2").length;

describe("pings of a room that does not sleep", () => {
  it("are the reference server's: one an interval after each pong, over WebSocket", async () => {
    const h = new Harness({ settings: EXACT });
    const client = await h.join();
    h.pass(299);
    expect(pings(client.wire.frames)).toBe(0);
    h.pass(1);
    expect(pings(client.wire.frames)).toBe(1);
    h.now += 50;
    client.send("3");
    h.pass(299);
    expect(pings(client.wire.frames)).toBe(1);
    h.pass(1);
    expect(pings(client.wire.frames)).toBe(2);
    h.pass(199);
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.wire.closed?.reason).toBe("ping timeout");
    expect([...h.room.sessions]).toEqual([]);
  });

  it("the runtime answers no pongs there", () => {
    expect(new Harness({ settings: EXACT }).autoPong).toBe(false);
    expect(new Harness({ settings: { ...EXACT, pingInterval: 9_999 } }).autoPong).toBe(false);
    expect(new Harness({ settings: { ...EXACT, pingInterval: 10_000 } }).autoPong).toBe(true);
  });

  it("a room asks to be woken for whatever is next", async () => {
    const h = new Harness({ settings: EXACT });
    const opened = h.now;
    const client = await h.join();
    expect(Math.min(...h.wakes)).toBe(opened + 300);
    h.wakes.length = 0;
    h.pass(300);
    expect(h.wakes).toEqual([opened + 500]);
    h.wakes.length = 0;
    client.send("3");
    expect(h.wakes).toEqual([opened + 600]);
  });

  it("LIFE-1 a room without sessions asks for nothing", async () => {
    const h = new Harness();
    const client = await h.join();
    client.drop();
    h.wakes.length = 0;
    h.pass(100_000);
    expect(h.wakes).toEqual([]);
  });
});

describe("a pong while a CONNECT is being checked", () => {
  it("BEAT-1 is heard at once, over WebSocket", async () => {
    const door = new SlowDoor();
    const h = new Harness({ settings: EXACT, handlers: door.handlers });
    const client = h.websocket();
    client.connect();
    await door.waiting(h);
    h.pass(300);
    expect(client.pong()).toBe(1);
    h.pass(299);
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.pong()).toBe(1);
    await door.open(h);
    expect(client.transcript.connected).toBeDefined();
  });

  it("BEAT-1 ENG-5 can be sent by one that polls: the CONNECT's POST has been answered", async () => {
    const door = new SlowDoor(({ namespace }) => namespace === "/orders");
    const h = new Harness({ handlers: door.handlers });
    const client = await h.joinPolling();
    await client.poll();
    const post = (packet: string) => h.room.sessions.post(client.sid, async () => packet);
    expect(await post("40/orders,")).toBe("ok");
    await door.waiting(h);
    h.pass(25_000);
    expect(await client.poll()).toBe("2");
    expect(await post("3")).toBe("ok");
    // What has its place in the order waits, and nothing of it is lost.
    expect(await post('42/orders,["chat"]')).toBe("ok");
    h.pass(20_000);
    expect(h.log.head).toBe(0);
    await door.open(h);
    expect(h.log.head).toBe(1);
    expect(await client.poll()).toMatch(/^40\/orders,/);
  });
});

describe("pings of a room that may sleep", () => {
  it("LIFE-1 go out in one round for all, however they came", async () => {
    const h = new Harness();
    const first = await h.join();
    h.now += 10_000;
    const second = await h.join();
    h.now += 14_000;
    const third = await h.join();
    h.pass(1_000);
    const frames = [first, second, third].map(({ wire }) => pings(wire.frames));
    expect(frames).toEqual([1, 1, 1]);
    const next = h.wakes.at(-1);
    for (const { wire } of [first, second, third]) wire.pong = h.now + 10;
    h.pass(25_000);
    expect(next).toBe(h.now);
    expect([first, second, third].map(({ wire }) => pings(wire.frames))).toEqual([2, 2, 2]);
  });

  it("a silent client is awaited by hand, and the runtime answers no pongs meanwhile", async () => {
    const h = new Harness();
    const silent = await h.join();
    const lively = await h.join();
    expect(h.autoPong).toBe(true);
    h.pass(25_000);
    lively.wire.pong = h.now + 10;
    h.pass(25_000);
    lively.wire.pong = h.now + 10;
    expect(h.autoPong).toBe(false);
    expect(silent.wire.closed).toBeUndefined();
    expect(h.wakes.at(-1)).toBe(h.now + 20_000);
    h.pass(20_000);
    expect(silent.wire.closed?.reason).toBe("ping timeout");
    expect(lively.wire.closed).toBeUndefined();
    expect(h.autoPong).toBe(true);
  });

  it.each(["3", '42["chat"]'])(
    "whatever a silent client says, such as %s, it is there",
    async (frame) => {
      const h = new Harness();
      const client = await h.join();
      h.pass(25_000);
      h.pass(25_000);
      h.now += 10_000;
      client.send(frame);
      h.pass(10_000);
      expect(client.wire.closed).toBeUndefined();
      h.pass(5_000);
      expect(h.autoPong).toBe(true);
      expect(pings(client.wire.frames)).toBe(3);
    },
  );

  it("a poller is pinged exactly, and its GET at the deadline is too late", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    h.pass(25_000);
    expect(await client.poll()).toBe("2");
    h.now += 20_000;
    expect(await client.poll()).toMatchObject({ code: 3 });
    expect(await client.poll()).toMatchObject({ code: 1 });
  });

  it("a poller that answers its pings stays", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    for (let round = 0; round < 5; round++) {
      h.pass(25_000);
      expect(await client.poll()).toBe("2");
      h.now += 19_999;
      client.send("3");
      await h.settle();
    }
    expect(client.refused).toEqual([]);
  });
});

describe("pings of a room that has slept", () => {
  /** Wakes it `ms` after all have answered, by the alarm; by how many pings is each greeted? */
  async function greeted(ms: number, pongs: readonly (number | undefined)[]): Promise<number[]> {
    const h = new Harness();
    const wires = [];
    for (const pong of pongs) {
      const { wire } = await h.join();
      wire.pong = pong === undefined ? undefined : h.now + pong;
      wires.push(wire);
    }
    const woken = new Harness({ log: h.log, now: h.now + ms });
    woken.room.sessions.restore(
      wires.map((wire) => [wire, wire.saved] as const),
      woken.now,
    );
    woken.pass(0);
    const counts = wires.map(({ frames }) => pings(frames));
    woken.pass(25_000 - ms);
    // An interval after the pongs, everybody has been pinged once.
    expect(wires.map(({ frames }) => pings(frames))).toEqual(pongs.map(() => 1));
    return counts;
  }

  it("BEAT-2 don't go out when it was woken for something else", async () => {
    expect(await greeted(5_000, [0, 10, undefined])).toEqual([0, 0, 0]);
  });

  it.each([
    ["a round is nearly due", 21_000, [0, 10]],
    ["nobody has answered yet", 5_000, [undefined, undefined]],
    ["one has not answered for long, whoever else has", 5_000, [-20_000, 0]],
  ])("BEAT-2 go out at once when %s", async (_, ms, pongs) => {
    expect(await greeted(ms, pongs)).toEqual(pongs.map(() => 1));
  });
});

describe("connect timeout", () => {
  it("a session that joins nothing is closed, and not before", async () => {
    const h = new Harness();
    const client = h.websocket();
    const refused = h.websocket();
    refused.send("40/nope,");
    client.wire.pong = h.now + 40_000;
    h.pass(44_999);
    expect([client, refused].map(({ wire }) => wire.closed)).toEqual([undefined, undefined]);
    h.pass(1);
    expect([client, refused].map(({ wire }) => wire.closed?.reason)).toEqual([
      "connect timeout",
      "connect timeout",
    ]);
  });

  it("a session that has joined stays", async () => {
    const h = new Harness();
    const client = await h.join();
    client.wire.pong = h.now + 40_000;
    h.pass(60_000);
    expect(client.wire.closed).toBeUndefined();
  });

  it("ENG-3 one that has left its last namespace has as long again, and the room wakes for it", async () => {
    const h = new Harness({ settings: { ...SETTINGS, pingInterval: 600_000 } });
    const client = await h.join();
    h.pass(100_000);
    h.wakes.length = 0;
    client.send("41");
    expect(h.wakes).toEqual([h.now + 45_000]);
    h.pass(44_999);
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.wire.closed?.reason).toBe("connect timeout");
  });
});
