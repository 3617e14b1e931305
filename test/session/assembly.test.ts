/** A packet with binary arguments comes in several messages: what may come between, and how long. */
import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { Assembly, keepable, type Parts } from "../../src/session/assembly.ts";
import { readSnapshot, type Snapshot } from "../../src/session/snapshot.ts";
import type { RecordingWire } from "../support/recording-wire.ts";
import { Harness } from "../support/room-harness.ts";
import { SlowDoor } from "../support/slow-door.ts";

const at = (num: number) => `{"_placeholder":true,"num":${num}}`;
const header = (count: number, type = "45") =>
  `${type}${count}-["a",${Array.from({ length: count }, (_, i) => at(i)).join()}]`;
const zeros = (length: number) => new Uint8Array(length);

describe("ENG-12 Assembly", () => {
  it("SUB-10 gives the packet with the last of its attachments, in their order", () => {
    const assembly = new Assembly(100);
    expect(assembly.take(header(3), 5)).toEqual({ kind: "part" });
    expect(assembly.take(new Uint8Array([1]), 6)).toEqual({ kind: "part" });
    expect(assembly.take(new Uint8Array(), 7)).toEqual({ kind: "part" });
    expect(assembly.parts).toMatchObject({ text: header(3), until: 10_005 });
    expect(assembly.take(new Uint8Array([2, 2]), 8)).toMatchObject({
      kind: "whole",
      packet: {
        args: ["a", { num: 0 }, { num: 1 }, { num: 2 }],
        attachments: [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 2])],
      },
    });
    expect(assembly.parts).toBeUndefined();
    expect(assembly.take('42["next"]', 9)).toMatchObject({ kind: "whole" });
  });

  it("BAD-64 the attachments of a packet have a limit together, and its text none here", () => {
    const fits = new Assembly(100);
    fits.take(header(10), 0);
    for (let i = 1; i < 10; i++) expect(fits.take(zeros(10), 0).kind).toBe("part");
    expect(fits.take(zeros(10), 0).kind).toBe("whole");
    const large = new Assembly(100);
    large.take(header(10), 0);
    for (let i = 1; i < 10; i++) expect(large.take(zeros(11), 0).kind).toBe("part");
    expect(large.take(zeros(11), 0).kind).toBe("too_large");
  });

  it("BAD-64 it is not waited for the last to see that it is too much", () => {
    const assembly = new Assembly(100);
    assembly.take(header(10), 0);
    expect(assembly.take(zeros(101), 0).kind).toBe("too_large");
  });

  it.each([
    ["BAD-62 another event", '42["b"]'],
    ["BAD-62 another header", header(1)],
    ["BAD-62 a DISCONNECT", "41"],
    ["BAD-62 nothing", ""],
  ])("%s before the attachments is invalid", (_, text) => {
    const assembly = new Assembly(100);
    assembly.take(header(1), 0);
    expect(assembly.take(text, 0).kind).toBe("invalid");
  });

  it("BAD-65 binary that nothing announced is invalid", () => {
    expect(new Assembly(100).take(zeros(0), 0).kind).toBe("invalid");
    const assembly = new Assembly(100);
    assembly.take(header(1), 0);
    assembly.take(zeros(1), 0);
    expect(assembly.take(zeros(1), 0).kind).toBe("invalid");
  });

  it("LIFE-1 goes on from what was kept, wherever that was", () => {
    for (let kept = 0; kept < 3; kept++) {
      const before = new Assembly(100);
      before.take(header(3, "45"), 5);
      for (let i = 0; i < kept; i++) before.take(new Uint8Array([i]), 5);
      const after = new Assembly(100, structuredClone(before.parts));
      for (let i = kept; i < 2; i++) after.take(new Uint8Array([i]), 6);
      const whole = after.take(new Uint8Array([2]), 6);
      const attachments = [0, 1, 2].map((i) => new Uint8Array([i]));
      expect(whole).toMatchObject({ kind: "whole", packet: { attachments } });
    }
  });

  it("LIFE-2 what was kept and is no packet is nothing", () => {
    const parts = { text: "451-[]", attachments: [], until: 1 };
    expect(new Assembly(100, parts).take('42["a"]', 0).kind).toBe("whole");
  });
});

describe("ENG-12 what a socket's attachment keeps of a packet", () => {
  const parts = (text: string, ...sizes: number[]): Parts => {
    return { text, attachments: sizes.map(zeros), until: 1_700_000_000_000 };
  };

  it("LIFE-1 is 6 KiB at most, text by two bytes a character", () => {
    expect(keepable(undefined)).toBeUndefined();
    for (const fits of [parts("x".repeat(3_072)), parts("x", 6_142), parts("", 3_000, 3_144)]) {
      expect(keepable(fits)).toBe(fits);
    }
    for (const large of [parts("x".repeat(3_073)), parts("x", 6_143), parts("", 3_000, 3_145)]) {
      expect(keepable(large)).toBeUndefined();
    }
  });

  it("LIFE-1 fits into 16 KiB beside sixteen sockets of the longest names", () => {
    const long = "n".repeat(128);
    const socket = {
      namespace: `/${long}`,
      id: "i".repeat(20),
      pid: `${"p".repeat(28)}.epoch123-9007199254740991`,
      claims: {
        identity: `key:${"k".repeat(64)}`,
        scope: ["read", "write", "presence", "admin"] as const,
        rooms: [long],
      },
      recovered: true,
      replay: { sent: 2 ** 53 - 1, replayed: 2 ** 53 - 1, announce: true },
    };
    const largest: Snapshot = {
      v: 1,
      sid: "s".repeat(20),
      openedAt: 1_700_000_000_000,
      format: "envelope",
      pongBy: 1_700_000_000_000,
      // Ten attachments, since each costs some bytes more; and text that takes two a character.
      parts: parts("ж".repeat(3_062), ...Array.from({ length: 10 }, () => 2)),
      sockets: Array.from({ length: 16 }, () => ({
        ...socket,
        claims: { ...socket.claims, scope: [...socket.claims.scope], rooms: [long] },
      })),
    };
    expect(keepable(largest.parts)).toBeDefined();
    expect(readSnapshot(largest)).toEqual(largest);
    expect(serialize(largest).byteLength).toBeLessThanOrEqual(16_384);
  });
});

describe("ENG-12 a session whose packet is not whole", () => {
  const one = header(1);

  it("BAD-63 is ended after ten seconds, and nobody else's", async () => {
    const h = new Harness();
    const [client, bystander] = [await h.join(), await h.join()];
    client.send(one);
    expect(h.wakes.at(-1)).toBeLessThanOrEqual(h.now + 10_000);
    h.pass(9_999);
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.wire.closed?.reason).toBe("reassembly timeout");
    expect(h.log.head).toBe(0);
    await (await h.join()).ask("chat");
    expect(bystander.seqs).toEqual([1]);
  });

  it("BAD-63 is given no more time for each attachment", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send(header(3));
    h.pass(6_000);
    client.send("bAAAA");
    h.pass(3_999);
    client.send("bAAAA");
    await h.settle();
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.wire.closed?.reason).toBe("reassembly timeout");
  });

  it("BAD-63 that waited behind a CONNECT has its time from when it is taken", async () => {
    const door = new SlowDoor(({ namespace }) => namespace === "/orders");
    const h = new Harness({ handlers: door.handlers });
    const client = await h.join();
    client.send("40/orders,");
    await door.waiting(h);
    h.pass(11_000);
    client.send(one);
    await door.open(h);
    h.pass(9_999);
    expect(client.wire.closed).toBeUndefined();
    h.pass(1);
    expect(client.wire.closed?.reason).toBe("reassembly timeout");
  });

  it("BAD-63 whose packet became whole has no such limit any more", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send(one, "bAAAA");
    await h.settle();
    h.pass(10_000);
    expect(client.wire.closed).toBeUndefined();
    client.send(one);
    h.pass(9_999);
    expect(client.wire.closed).toBeUndefined();
  });

  it("BAD-63 polls: its held GET is answered with a close packet", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    client.send(one);
    const held = client.poll();
    await h.settle();
    h.pass(10_000);
    expect(await held).toBe("1");
    expect([...h.room.sessions]).toEqual([]);
  });

  it("BEAT-1 may pong in between", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send(header(2), "3", "bAQ==", "3", "bAg==");
    await h.settle();
    expect(h.log.read({ limit: 1 })[0]?.attachments).toEqual([
      new Uint8Array([1]),
      new Uint8Array([2]),
    ]);
  });

  it("ENG-8 goes on after an upgrade in between", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    client.send(header(3), "bAQ==");
    await h.settle();
    const probe = h.probe(client.sid);
    probe.send("2probe", "5", "bAg==", "bAw==");
    await h.settle();
    const expected = [1, 2, 3].map((byte) => new Uint8Array([byte]));
    expect(h.log.read({ limit: 1 })[0]?.attachments).toEqual(expected);
  });

  it("ENG-8 a binary frame is no probe: polling goes on", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    const probe = h.probe(client.sid);
    probe.send("bAQ==");
    expect(probe.wire.closed).toMatchObject({ code: 1002 });
    expect(await client.ask("chat")).toBeUndefined();
    await client.poll();
    expect(client.transcript.acksOf(0)).toMatchObject([{ duplicate: false }]);
  });
});

describe("ENG-12 a packet in parts, and a room that sleeps in between", () => {
  function wake(h: Harness, wires: readonly RecordingWire[]): Harness {
    const woken = new Harness({ log: h.log, now: h.now });
    const kept = wires.map((wire) => [wire, wire.saved] as const);
    woken.room.sessions.restore(kept, h.now + 25_000);
    return woken;
  }

  it.each([0, 1, 2])("LIFE-1 after %i attachments: nothing is lost", async (before) => {
    const h = new Harness();
    const client = await h.join();
    const frames = ["bAQ==", "b", "bAg=="];
    client.send(`453-7["a",${at(2)},${at(0)},${at(1)}]`, ...frames.slice(0, before));
    await h.settle();
    const woken = wake(h, [client.wire]);
    for (const frame of frames.slice(before)) {
      const bytes = Buffer.from(frame.slice(1), "base64");
      woken.track(woken.room.sessions.message(client.wire, new Uint8Array(bytes)));
    }
    await woken.settle();
    expect(client.transcript.acksOf(7)).toMatchObject([{ duplicate: false }]);
    const expected = [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2])];
    expect(h.log.read({ limit: 1 })[0]?.attachments).toEqual(expected);
  });

  it("LIFE-1 a packet that was whole before is not begun again", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send(one(), "bAQ==");
    await h.settle();
    const woken = wake(h, [client.wire]);
    woken.track(woken.room.sessions.message(client.wire, '427["b"]'));
    await woken.settle();
    expect(client.transcript.acksOf(7)).toMatchObject([{ duplicate: false }]);
    expect(h.log.head).toBe(2);
  });

  it("BAD-63 its ten seconds go on", async () => {
    const h = new Harness();
    const client = await h.join();
    client.send(one());
    h.pass(6_000);
    const woken = wake(h, [client.wire]);
    woken.pass(3_999);
    expect(client.wire.closed).toBeUndefined();
    woken.pass(1);
    expect(client.wire.closed?.reason).toBe("reassembly timeout");
  });

  it("LIFE-2 parts too large to be kept: the session ends, nobody else's, and a retry is exact", async () => {
    const h = new Harness();
    const [client, bystander] = [await h.join(), await h.join()];
    const large = `b${Buffer.alloc(9_000).toString("base64")}`;
    const event = `452-7["a",${at(0)},${at(1)},{"idempotencyKey":"k"}]`;
    client.send(event, large);
    await h.settle();
    const woken = wake(h, [client.wire, bystander.wire]);
    woken.track(woken.room.sessions.message(client.wire, zeros(1)));
    await woken.settle();
    expect(client.wire.closed).toMatchObject({ code: 1002 });
    expect(bystander.wire.closed).toBeUndefined();
    const again = await woken.join(client.resume);
    again.send(event, large, "bAA==");
    again.send(event.replace("-7[", "-8["), large, "bAA==");
    await woken.settle();
    expect(again.transcript.acksOf(7)).toMatchObject([{ duplicate: false }]);
    expect(again.transcript.acksOf(8)).toMatchObject([{ duplicate: true }]);
    expect(bystander.seqs).toEqual([1]);
  });

  const one = () => header(1);
});
