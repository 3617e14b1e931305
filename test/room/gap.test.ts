import { describe, expect, it } from "vitest";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const OLD_PID = `${"s".repeat(24)}nnnn.${EPOCH}-1`;

const GAPS: readonly (readonly [unknown, string, unknown])[] = [
  ["nonsense", "malformed", "nonsense"],
  [-1, "malformed", -1],
  [1.5, "malformed", 1.5],
  [{}, "malformed", null],
  ["", "malformed", ""],
  ["x:1' OR 1=1--", "malformed", "x:1' OR 1=1--"],
  ["9".repeat(400), "malformed", "9".repeat(64)],
  ["other-4", "epoch", "other-4"],
  [`${EPOCH}-6`, "future", `${EPOCH}-6`],
  [6, "future", 6],
  [`${EPOCH}-1`, "trimmed", `${EPOCH}-1`],
  [1, "trimmed", 1],
  [`${EPOCH}-0`, "trimmed", `${EPOCH}-0`],
];

describe.each(LOGS)("gaps of a room on %s", (_, makeLog) => {
  function trimmedRoom(): Harness {
    const h = new Harness({ log: makeLog() });
    h.fill(5);
    h.log.trim(2, h.now);
    return h;
  }

  it.each(GAPS)("SUB-6 offset %j is a gap: %s", async (offset, reason, requested) => {
    const h = trimmedRoom();
    const reader = await h.join({ pid: OLD_PID, offset });
    const gap = { requested, first: `${EPOCH}-3`, head: `${EPOCH}-5`, reason };
    // SUB-8: the offset at the end is how far this reader has come.
    expect(reader.transcript.events[0]).toEqual({
      name: "roomlog:gap",
      args: [gap],
      offset: `${EPOCH}-2`,
    });
    expect(reader.transcript.events.slice(1).map(({ name }) => name)).toEqual([
      "old",
      "old",
      "old",
      "roomlog:live",
    ]);
    expect(reader.seqs).toEqual([3, 4, 5]);
  });

  it("SUB-6 a bare seq counts in the epoch of the pid it comes with", async () => {
    const pid = OLD_PID.replace(EPOCH, "0therep0ch");
    const reader = await trimmedRoom().join({ pid, offset: 4 });
    expect(reader.notices[0]?.args).toMatchObject([{ requested: 4, reason: "epoch" }]);
    expect(reader.seqs).toEqual([3, 4, 5]);
  });

  it.each(GAPS)("SUB-6 offset %j gives a new pid: not recovered", async (offset) => {
    const reader = await trimmedRoom().join({ pid: OLD_PID, offset });
    expect(reader.pid).not.toBe("");
    expect(reader.pid).not.toBe(OLD_PID);
  });

  it("SUB-6 a pid that joined before what is kept is a gap as well", async () => {
    const reader = await trimmedRoom().join({ pid: OLD_PID });
    expect(reader.notices[0]?.args).toMatchObject([{ requested: `${EPOCH}-1`, reason: "trimmed" }]);
    expect(reader.pid).not.toBe(OLD_PID);
    expect(reader.seqs).toEqual([3, 4, 5]);
  });

  it("SUB-6 the oldest offset that can be served is no gap", async () => {
    const reader = await trimmedRoom().join({ pid: OLD_PID, offset: `${EPOCH}-2` });
    expect(reader.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
    expect(reader.pid).toBe(OLD_PID);
    expect(reader.seqs).toEqual([3, 4, 5]);
  });

  it("SUB-6 in an emptied log nothing is kept, and the gap says so", async () => {
    const h = trimmedRoom();
    h.log.trim(5, h.now);
    const reader = await h.join({ offset: `${EPOCH}-4` });
    expect(reader.notices[0]).toEqual({
      name: "roomlog:gap",
      args: [{ requested: `${EPOCH}-4`, first: null, head: `${EPOCH}-5`, reason: "trimmed" }],
      offset: `${EPOCH}-5`,
    });
    await (await h.join()).ask("new");
    expect(reader.seqs).toEqual([6]);
  });

  it("SUB-6 what is trimmed under a replay is told before what is kept", async () => {
    const h = new Harness({ log: makeLog() });
    h.fill(1_200);
    const reader = h.websocket();
    reader.connect({ offset: "0" });
    // The first page goes out with the CONNECT, the next one waits for its turn.
    while (reader.seqs.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(reader.seqs).toHaveLength(500);
    h.log.trim(700, h.now);
    await h.settle();
    const gap = reader.transcript.events[500];
    expect(gap).toMatchObject({
      name: "roomlog:gap",
      args: [{ requested: `${EPOCH}-500`, first: `${EPOCH}-701`, reason: "trimmed" }],
    });
    expect(reader.seqs.slice(500)).toEqual(Array.from({ length: 500 }, (_, i) => 701 + i));
  });

  it("SUB-8 the offset in Roomlog's own events is one to resume from", async () => {
    const h = trimmedRoom();
    const first = await h.join({ offset: "nonsense" });
    const gapOffset = first.transcript.events[0]?.offset;
    first.drop();
    const again = await h.join({ pid: first.pid, offset: gapOffset });
    expect(again.seqs).toEqual([3, 4, 5]);
    expect(again.pid).toBe(first.pid);
  });
});
