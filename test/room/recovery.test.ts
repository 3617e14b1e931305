/** Ways to come back: what is kept, what is asked for, and what is said. */
import { describe, expect, it } from "vitest";
import type { EventLog } from "../../src/log/event-log.ts";
import { Harness, LOGS } from "../support/room-harness.ts";

const DAY = 24 * 60 * 60 * 1_000;

describe.each(LOGS)("coming back to a room on %s", (_, makeLog) => {
  type Kept = { readonly logged: number; readonly trimmed?: number; readonly limit?: number };
  type Said = { readonly reason?: string; readonly first?: number | null; readonly seqs: number[] };

  const offset = (log: EventLog, seq: number) => `${log.epoch}-${seq}`;

  async function comeBack(h: Harness, asked: string | number, { reason, first, seqs }: Said) {
    const { log } = h;
    const reader = await h.join({ offset: asked });
    const notices = reader.notices.map(({ name, args }) => [name, args[0]]);
    const gap = [
      "roomlog:gap",
      {
        requested: asked,
        first: typeof first === "number" ? offset(log, first) : null,
        head: offset(log, log.head),
        reason,
      },
    ];
    const live = ["roomlog:live", { offset: offset(log, log.head), replayed: seqs.length }];
    expect(notices).toEqual(reason === undefined ? [live] : [gap, live]);
    expect(reader.seqs).toEqual(seqs);
    // Whatever was said, what comes now is next.
    await (await h.join()).ask("next");
    expect(reader.seqs).toEqual([...seqs, log.head]);
  }

  function room({ logged, trimmed = 0, limit }: Kept): Harness {
    const h = new Harness({ log: makeLog(), ...(limit !== undefined && { replayLimit: limit }) });
    h.fill(logged);
    if (trimmed > 0) h.log.trim(trimmed, h.now);
    return h;
  }

  const CASES: readonly (readonly [string, Kept, number, Said])[] = [
    ["an empty log, from 0", { logged: 0 }, 0, { seqs: [] }],
    ["from the middle", { logged: 5 }, 2, { seqs: [3, 4, 5] }],
    ["from 0 of a short log", { logged: 3 }, 0, { seqs: [1, 2, 3] }],
    ["the same position", { logged: 5 }, 5, { seqs: [] }],
    [
      "a trimmed position",
      { logged: 5, trimmed: 3 },
      1,
      { reason: "trimmed", first: 4, seqs: [4, 5] },
    ],
    [
      "a position from the future",
      { logged: 3 },
      7,
      { reason: "future", first: 1, seqs: [1, 2, 3] },
    ],
    [
      "a limit smaller than the need",
      { logged: 9, limit: 4 },
      3,
      { reason: "too_far", first: 6, seqs: [6, 7, 8, 9] },
    ],
    ["a limit as large as the need", { logged: 9, limit: 4 }, 5, { seqs: [6, 7, 8, 9] }],
    [
      "a limit, in a log that is trimmed",
      { logged: 9, trimmed: 4, limit: 3 },
      2,
      { reason: "trimmed", first: 7, seqs: [7, 8, 9] },
    ],
    [
      "an old position in an expired log",
      { logged: 3, trimmed: 3 },
      1,
      { reason: "trimmed", first: null, seqs: [] },
    ],
    ["the same position in an expired log", { logged: 3, trimmed: 3 }, 3, { seqs: [] }],
  ];

  it.each(CASES)("SUB-4 SUB-6 %s", async (_, kept, seq, said) => {
    const h = room(kept);
    await comeBack(h, offset(h.log, seq), said);
  });

  it("SUB-3 SUB-6 all that is kept is asked for, and is more than the limit", async () => {
    const h = room({ logged: 9, limit: 4 });
    await comeBack(h, "0", { reason: "too_far", first: 6, seqs: [6, 7, 8, 9] });
  });

  it("SUB-6 too far is no recovery: the pid is new, and the next resume goes on from there", async () => {
    const h = room({ logged: 2, limit: 4 });
    const reader = await h.join();
    await (await h.join()).ask("mine");
    reader.drop();
    h.fill(5);
    const back = await h.join(reader.resume);
    expect(back.notices[0]?.args).toMatchObject([{ reason: "too_far" }]);
    expect(back.pid).not.toBe(reader.pid);
    back.drop();
    h.fill(4);
    const again = await h.join(back.resume);
    expect(again.notices.map(({ name }) => name)).toEqual(["roomlog:live"]);
    expect([again.pid, again.seqs]).toEqual([back.pid, [9, 10, 11, 12]]);
  });

  it("SUB-6 a log that was wiped and has grown again: the seq looks right, the epoch does not", async () => {
    const before = room({ logged: 5 });
    const asked = offset(before.log, 3);
    const h = new Harness({ log: makeLog("regr0wn") });
    h.fill(5);
    await comeBack(h, asked, { reason: "epoch", first: 1, seqs: [1, 2, 3, 4, 5] });
  });

  it("KEEP-1 SUB-6 what age has trimmed is said as well", async () => {
    const h = new Harness({ log: makeLog(), keep: { age: DAY } });
    h.fill(3);
    h.pass(DAY);
    await h.settle();
    await comeBack(h, offset(h.log, 2), { reason: "trimmed", first: null, seqs: [] });
  });
});
