import { serialize } from "node:v8";
import { describe, expect, it } from "vitest";
import { readSnapshot } from "../../src/session/snapshot.ts";
import type { RecordingWire } from "../support/recording-wire.ts";
import type { WireClient } from "../support/room-client.ts";
import { Harness, LOGS, nextEventLoopTurn } from "../support/room-harness.ts";

const upTo = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

/** The room forgets all but its log and what its sockets kept. */
function wake(h: Harness, wires: readonly RecordingWire[], alarmAt = h.now + 25_000): Harness {
  const woken = new Harness({ log: h.log, now: h.now });
  woken.room.sessions.restore(
    wires.map((wire) => [wire, wire.saved] as const),
    alarmAt,
  );
  return woken;
}

function say(h: Harness, client: WireClient, text: string): void {
  h.track(h.room.sessions.message(client.wire, text));
}

describe.each(LOGS)("hibernation of a room on %s", (_, makeLog) => {
  it("LIFE-1 live sockets go on where they were", async () => {
    const h = new Harness({ log: makeLog() });
    const [reader, writer] = [await h.join(), await h.join()];
    await writer.ask("before");
    const woken = wake(h, [reader.wire, writer.wire]);
    say(woken, writer, '427["after"]');
    await woken.settle();
    expect(reader.seqs).toEqual([1, 2]);
    expect(writer.seqs).toEqual([]);
    expect(writer.transcript.acksOf(7)).toMatchObject([{ duplicate: false }]);
    expect(reader.notices).toEqual([]);
  });

  it("LIFE-1 a replay goes on where it was", async () => {
    const h = new Harness({ log: makeLog() });
    h.fill(1_300);
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    while (reader.id === "") await nextEventLoopTurn();
    expect(reader.seqs).toHaveLength(500);
    const woken = wake(h, [reader.wire]);
    await woken.settle();
    expect(reader.seqs).toEqual(upTo(1_300));
    expect(reader.notices.map(({ args }) => args)).toMatchObject([[{ replayed: 1_300 }]]);
  });

  it("ROOM-3 ids, identities and rights are kept, and keys with them", async () => {
    const h = new Harness({ log: makeLog() });
    const client = await h.join();
    await client.ask("chat", { idempotencyKey: "k" });
    const woken = wake(h, [client.wire]);
    say(woken, client, '429["chat",{"idempotencyKey":"k"}]');
    await woken.settle();
    expect(client.transcript.acksOf(9)).toMatchObject([{ duplicate: true }]);
    const again = await woken.join(client.resume);
    expect(again.id).toBe(client.id);
    expect(client.wire.closed).toMatchObject({ code: 1000 });
  });

  it("a socket that left its namespace before is not in it afterwards", async () => {
    const h = new Harness({ log: makeLog() });
    const client = await h.join();
    client.send("41");
    const woken = wake(h, [client.wire]);
    say(woken, client, '42["chat"]');
    await woken.settle();
    expect(client.wire.closed).toMatchObject({ code: 1002 });
    expect(h.log.head).toBe(0);
  });

  it("ENG-3 since when a session is in no namespace is kept", async () => {
    const h = new Harness({ log: makeLog() });
    const client = await h.join();
    client.wire.pong = h.now + 100_000;
    h.pass(100_000);
    client.send("41");
    const woken = wake(h, [client.wire]);
    woken.pass(44_999);
    expect(client.wire.closed).toBeUndefined();
    woken.pass(1);
    expect(client.wire.closed?.reason).toBe("connect timeout");
  });

  it("an upgraded session is kept as well", async () => {
    const h = new Harness({ log: makeLog() });
    const client = await h.joinPolling();
    const probe = h.probe(client.sid);
    probe.send("2probe", "5");
    const woken = wake(h, [probe.wire]);
    await (await woken.join()).ask("chat");
    expect(probe.seqs).toEqual([1]);
  });

  it("a probe whose session is gone is closed", async () => {
    const h = new Harness({ log: makeLog() });
    const client = await h.joinPolling();
    const probe = h.probe(client.sid);
    probe.send("2probe");
    wake(h, [probe.wire]);
    expect(probe.wire.closed).toMatchObject({ code: 1011 });
  });

  it("a socket that was ended does not come back to life", async () => {
    const h = new Harness({ log: makeLog() });
    const ghost = await h.join();
    const again = await h.join(ghost.resume);
    const woken = wake(h, [ghost.wire, again.wire]);
    expect([...woken.room.sessions].map(({ sid }) => sid)).toEqual([again.sid]);
  });

  it("pings go on with the alarm, and a pong that is awaited stays so", async () => {
    const h = new Harness({ log: makeLog() });
    const client = await h.join();
    h.pass(25_000);
    h.pass(25_000);
    const woken = wake(h, [client.wire], h.now + 20_000);
    expect(woken.autoPong).toBe(false);
    woken.pass(19_999);
    expect(client.wire.closed).toBeUndefined();
    woken.pass(1);
    expect(client.wire.closed?.reason).toBe("ping timeout");
  });
});

describe("readSnapshot", () => {
  it("reads what a session saved", async () => {
    const { wire } = await new Harness().join();
    expect(readSnapshot(wire.saved)).toEqual(wire.saved);
  });

  it.each([
    ["nothing", undefined],
    ["null", null],
    ["text", "x"],
    ["another version", { v: 2, sid: "x", openedAt: 1, sockets: [] }],
    ["a missing field", { v: 1, sid: "x", sockets: [] }],
    ["a socket without claims", { v: 1, sid: "x", openedAt: 1, sockets: [{ id: "a" }] }],
  ])("refuses %s", (_, attachment) => {
    expect(readSnapshot(attachment)).toBeUndefined();
  });

  it("ADDR-4 PRES-4 so is what a session in sixteen namespaces saves, with data and parts of a packet", async () => {
    const h = new Harness({
      namespaces: ["*"],
      access: { keys: [], anonymous: ["read", "write", "presence", "admin"] },
    });
    h.fill(2_000);
    const client = h.websocket();
    // One wide character makes all of its string wide.
    const auth = (n: number) => ({
      offset: "0",
      presence: true,
      ...(n < 3 && { data: `${"x".repeat(1_018)}ä` }),
    });
    for (let n = 0; n < 16; n++)
      client.send(`40/${`${n}`.padEnd(128, "x")},${JSON.stringify(auth(n))}`);
    await h.settle();
    await client.drain();
    const saved = () => serialize(client.wire.saved).byteLength;
    expect((client.wire.saved as { sockets: unknown[] }).sockets).toHaveLength(16);
    const before = saved();
    client.send(
      `451-/${"0".padEnd(128, "x")},["${"ä".repeat(2_900)}",{"_placeholder":true,"num":0}]`,
    );
    expect(saved()).toBeLessThan(16_384);
    // There is no room for parts beside so much data: ENG-12.
    expect(saved() - before).toBeLessThan(100);
  });

  it("what a session saves is small enough for a socket's 16 KiB", async () => {
    const { wire } = await new Harness().join({ clientId: "x".repeat(256), offset: "0" });
    expect(JSON.stringify(wire.saved).length).toBeLessThan(2_000);
  });
});
