/** Emits and resumes as one client sees them, over a WebSocket. */
import { describe, expect, it } from "vitest";
import { Client } from "./support/client.ts";
import { evict } from "./support/evict.ts";
import { besideHealthy } from "./support/healthy.ts";
import { ask, history, newRoom, post, publish, seqOf } from "./support/rooms.ts";

describe("an emit", () => {
  it("EMIT-1 is logged, acked, and sent to all others", async () => {
    const room = newRoom();
    const [sender, other] = [await Client.joined(room), await Client.joined(room)];
    const acked = await sender.emit("chat", "hi", { a: 1 });
    const { head } = await history(room);
    expect(acked).toEqual({ offset: head, duplicate: false });
    expect(await other.frame()).toBe(`42["chat","hi",{"a":1},"${head}"]`);
    const next = await publish(room, "next");
    expect((await sender.event()).offset).toBe(next);
  });

  it("EMIT-6 SUB-9 all readers see one order, whoever emits", async () => {
    const room = newRoom();
    const clients = [];
    for (let i = 0; i < 4; i++) clients.push(await Client.joined(room));
    for (const [i, client] of clients.entries()) {
      client.send(...Array.from({ length: 50 }, (_, n) => `42["e",${i},${n}]`));
    }
    const log = async () => (await history(room, "?limit=1000")).events;
    await expect.poll(async () => (await log()).length).toBe(200);
    const events = await log();
    for (const [i, client] of clients.entries()) {
      const others = events.filter(({ args }) => args[0] !== i);
      const received = await client.events(others.length);
      expect(received.map(({ offset }) => offset)).toEqual(others.map(({ offset }) => offset));
      const own = events.filter(({ args }) => args[0] === i).map(({ args }) => args[1]);
      expect(own).toEqual(Array.from({ length: 50 }, (_, n) => n));
    }
  });

  const final: readonly (readonly [string, string, string])[] = [
    ["BAD-66", `["a",${"[".repeat(64)}${"]".repeat(64)}]`, "invalid_body"],
    ["BAD-66", `["a",${"[".repeat(5_000)}${"]".repeat(5_000)}]`, "invalid_body"],
    ["BAD-66", `["a",${"[".repeat(20_000)}${"]".repeat(20_000)}]`, "invalid_body"],
    ["BAD-76", '["a",{"idempotencyKey":""}]', "invalid_key"],
    ["BAD-76", '["a",{"idempotencyKey":7}]', "invalid_key"],
    ["BAD-76", `["a",{"idempotencyKey":"${"x".repeat(129)}"}]`, "invalid_key"],
    ["BAD-76", '["a",{"idempotencyKey":"a\\u0000"}]', "invalid_key"],
    ["BAD-76", '["a",{"idempotencyKey":"k","after":"nonsense"}]', "invalid_key"],
    ["BAD-52", '["roomlog:gap",{}]', "invalid_event"],
  ];

  it.each(final.map(([row, data, code]) => [row, data.slice(0, 40), code, data] as const))(
    "%s %s is refused as %s, and nothing stored",
    async (_, __, code, data) => {
      const room = newRoom();
      await besideHealthy(room, async () => {
        const client = await Client.joined(room);
        client.send(`420${data}`);
        const ack = await client.frame();
        expect(JSON.parse(ack.slice(3))).toEqual([
          { error: { code, message: expect.any(String) } },
        ]);
        expect(await client.emit("fine")).toMatchObject({ duplicate: false });
      });
      const { events } = await history(room);
      expect(events.map(({ event }) => event)).toEqual(["before", "fine", "after", "still here"]);
    },
  );

  const odd: readonly (readonly [string, string])[] = [
    ["BAD-52 CVE-2024-38355", '["error",1]'],
    ["BAD-52", '["__proto__",1]'],
    ["BAD-52", '["constructor"]'],
    ["BAD-52", '["hasOwnProperty",null]'],
    ["BAD-53", '["a",{"__proto__":{"admin":true}}]'],
    ["BAD-67", '["a","\\ud800"]'],
    ["BAD-67", '["a",1e999,-0,1.0,12345678901234567890]'],
    ["BAD-67", '["a\\u0000b","c\\u0000"]'],
    ["BAD-67", '["a","\u2028\u007f\ufeff"]'],
    ["BAD-66", `["a",[${"0,".repeat(99_999)}0]]`],
  ];

  it.each(odd.map(([row, data]) => [row, data.slice(0, 50), data] as const))(
    "%s %s arrives as it is, live and in replay",
    async (_, __, data) => {
      const room = newRoom();
      const live = await Client.joined(room);
      const frame = await besideHealthy(room, async () => {
        await live.event();
        const sender = await Client.joined(room);
        sender.send(`420${data}`);
        expect(await sender.frame()).toMatch(/^430\[\{"offset"/);
        const frame = `42${data.slice(0, -1)},"${(await history(room)).head}"]`;
        expect(await live.frame()).toBe(frame);
        return frame;
      });
      await evict(room);
      const late = await Client.joined(room, { offset: 1 });
      expect(await late.frame()).toBe(frame);
      expect(({} as { admin?: unknown }).admin).toBeUndefined();
    },
  );
});

describe("a reader", () => {
  const names = ["a", "b", "c", "d"];

  async function roomOfFour() {
    const room = newRoom();
    await post(room, { events: names.map((event) => ({ event })) });
    const { events, epoch } = await history(room);
    return { room, epoch, offsets: events.map(({ offset }) => offset) };
  }

  /** What a CONNECT with this `auth` brings, up to `roomlog:live`. */
  async function replay(room: string, auth: object) {
    const client = await Client.joined(room, auth as Record<string, unknown>);
    const frames = await client.frames.until((frame) => frame.startsWith('42["roomlog:live"'));
    return { client, events: frames.map((frame) => JSON.parse(frame.slice(2))) };
  }

  it("SUB-3 without offset or pid is live from head", async () => {
    const { room } = await roomOfFour();
    const client = await Client.joined(room);
    const offset = await publish(room, "e");
    expect((await client.event()).offset).toBe(offset);
  });

  it.each([
    [{ offset: "0" }, ["a", "b", "c", "d"]],
    [{ offset: 0 }, ["a", "b", "c", "d"]],
    [{ offset: 3 }, ["d"]],
    [{ offset: "4" }, []],
    [{ rewind: 2 }, ["c", "d"]],
    [{ rewind: 1_000_000 }, ["a", "b", "c", "d"]],
  ])("SUB-4 SUB-7 with %j gets %j and hears that it is live", async (auth, expected) => {
    const { room, offsets } = await roomOfFour();
    const { events } = await replay(room, auth);
    const live = { offset: offsets[3], replayed: expected.length };
    expect(events).toEqual([
      ...expected.map((name) => [name, offsets[names.indexOf(name)]]),
      ["roomlog:live", live, offsets[3]],
    ]);
  });

  it("SUB-4 with its pid and no offset goes on from where it joined", async () => {
    const room = newRoom();
    const first = await Client.joined(room);
    const offset = await publish(room, "missed");
    for (const extra of [{}, { offset: null }]) {
      const { client, events } = await replay(room, { pid: first.me.pid, ...extra });
      expect(client.me).toEqual(first.me);
      expect(events[0]).toEqual(["missed", offset]);
    }
  });

  it("SUB-5 that resumes keeps its id, and the older connection is closed first", async () => {
    const { room, offsets } = await roomOfFour();
    const older = await Client.joined(room);
    const { client } = await replay(room, { pid: older.me.pid, offset: offsets[3] });
    expect(client.me).toEqual(older.me);
    await older.ended();
    expect((await client.emit("mine")) as object).toMatchObject({ duplicate: false });
    const offset = await publish(room, "once");
    expect((await client.event()).offset).toBe(offset);
  });

  it("SUB-5 holds when the older connection hangs, and after an eviction", async () => {
    const { room, offsets } = await roomOfFour();
    const hanging = await Client.open(room, true);
    const me = await hanging.join();
    const auth = { pid: me.pid, offset: offsets[3] };
    const second = (await replay(room, auth)).client;
    expect(second.me).toEqual(me);
    await evict(room);
    const once = await publish(room, "once");
    expect((await second.event()).offset).toBe(once);
    const third = (await replay(room, { ...auth, offset: once })).client;
    await second.ended();
    const next = await publish(room, "next");
    expect((await third.event()).offset).toBe(next);
    const { sockets } = await (await ask(`/rooms/${room}`)).json<{ sockets: number }>();
    expect(sockets).toBe(1);
  });

  it.each([
    ["BAD-45", -1, "malformed"],
    ["BAD-45", "9".repeat(400), "malformed"],
    ["BAD-45", 1.5, "malformed"],
    ["BAD-45", {}, "malformed"],
    ["BAD-45", "NaN", "malformed"],
    ["BAD-45", true, "malformed"],
    ["BAD-46", "otherepo-2", "epoch"],
    ["BAD-46", 99, "future"],
    ["BAD-47", "x:1' OR 1=1--", "malformed"],
  ])("%s SUB-6 with offset %j is told of the gap: %s", async (_, offset, reason) => {
    const { room, offsets } = await roomOfFour();
    await besideHealthy(room, async () => {
      const { events, client } = await replay(room, { offset });
      const [gap, ...others] = events;
      expect(gap).toEqual([
        "roomlog:gap",
        {
          requested: expect.toBeOneOf([expect.anything(), null]),
          first: offsets[0],
          head: expect.any(String),
          reason,
        },
        expect.stringMatching(/-0$/),
      ]);
      expect(others.map(([name]) => name)).toEqual([...names, "before", "roomlog:live"]);
      expect(seqOf(others.at(-1)[2])).toBe(5);
      expect(await client.emit("on we go")).toMatchObject({ duplicate: false });
    });
  });

  it("SUB-6 with its pid and an offset that is gone gets a new pid, so that it knows", async () => {
    const { room } = await roomOfFour();
    const first = await Client.joined(room);
    const { client, events } = await replay(room, { pid: first.me.pid, offset: "otherepo-2" });
    expect(client.me.pid).not.toBe(first.me.pid);
    expect(events[0][0]).toBe("roomlog:gap");
  });

  it.each([["nonsense"], [7], [{}], ["x".repeat(10_000)]])(
    "SUB-6 with the pid %j, which never was one, is told so and gets all that is kept",
    async (pid) => {
      const { room } = await roomOfFour();
      const { client, events } = await replay(room, { pid });
      expect(events.map(([name]) => name)).toEqual(["roomlog:gap", ...names, "roomlog:live"]);
      expect(events[0][1]).toMatchObject({ reason: "malformed" });
      const offset = await publish(room, "e");
      expect((await client.event()).offset).toBe(offset);
    },
  );
});
