/** The checker of the crash harness, shown histories that are wrong. */
import { describe, expect, it } from "vitest";
import { check, FINDINGS, type FindingKind } from "../../faults/checker.ts";
import type { Entry, EntryOf } from "../../faults/history.ts";

const offset = (seq: number) => `ep0ch-${seq}`;
const value = (seq: number) => `p1-${seq}`;
const COUNT = 6;

type Untimed = Entry extends infer E ? (E extends Entry ? Omit<E, "at"> : never) : never;

/** What happens when nothing goes wrong: six events, two readers, one of which is cut off once. */
function good(): Untimed[] {
  const history: Untimed[] = [joined("a", 1, "0"), joined("b", 1, "0")];
  for (let seq = 1; seq <= COUNT; seq++) {
    history.push({ type: "sent", value: value(seq) });
    history.push(acked(seq));
    if (seq === 4) history.push(joined("b", 2, offset(3)));
    history.push(delivered("a", 1, seq), delivered("b", seq < 4 ? 1 : 2, seq));
    if (seq === 4) history.push({ type: "live", ...at("b", 2), offset: offset(4) });
  }
  history.push({ type: "whispered", value: "w-1" }, overheard("a", 1, "w-1", COUNT));
  history.push(
    { type: "sent", value: "p2-1", doomed: "surely" },
    { type: "refused", value: "p2-1", code: "no" },
  );
  history.push(log());
  return history;
}

const at = (reader: string, connection: number) => ({ reader, connection });

function joined(reader: string, connection: number, asked: string | null): Untimed {
  return { type: "joined", ...at(reader, connection), asked, recovered: false };
}

function acked(seq: number, of = value(seq)): Untimed {
  return { type: "acked", value: of, offset: offset(seq), duplicate: false };
}

function delivered(reader: string, connection: number, seq: number, what = value(seq)): Untimed {
  return { type: "delivered", ...at(reader, connection), value: what, offset: offset(seq) };
}

function overheard(reader: string, connection: number, what: string, seq: number): Untimed {
  return { type: "overheard", ...at(reader, connection), value: what, offset: offset(seq) };
}

function log(seqs = Array.from({ length: COUNT }, (_, i) => i + 1)): Untimed & EntryOf<"log"> {
  const events = seqs.map((seq) => ({ offset: offset(seq), value: value(seq) }));
  const [first] = events;
  const head = events.at(-1)?.offset ?? offset(0);
  return { type: "log", at: 0, first: first?.offset ?? null, head, events };
}

/** The kinds of what the checker finds, each once. */
function kinds(history: readonly Untimed[]): FindingKind[] {
  const timed = history.map((entry, index) => ({ ...entry, at: index }) as Entry);
  return [...new Set(check(timed).map(({ kind }) => kind))];
}

/** A good history, with each entry that `fits` put through `change`. */
function changed(
  fits: (entry: Untimed) => boolean,
  change: (entry: Untimed) => readonly Untimed[],
): Untimed[] {
  return good().flatMap((entry) => (fits(entry) ? change(entry) : [entry]));
}

const isDelivery = (reader: string, seq: number) => (entry: Untimed) =>
  entry.type === "delivered" && entry.reader === reader && entry.offset === offset(seq);
const isLog = (entry: Untimed) => entry.type === "log";
const isAck = (seq: number) => (entry: Untimed) =>
  entry.type === "acked" && entry.offset === offset(seq);
const isOf = (seq: number) => (entry: Untimed) =>
  entry.type === "delivered" && entry.offset === offset(seq);
const gone = () => [];

/** The log, and what the readers got, without the event at `seq`. */
const without = (seq: number) =>
  changed(isOf(seq), gone).map((entry) =>
    isLog(entry)
      ? log(
          log()
            .events.map((_, i) => i + 1)
            .filter((one) => one !== seq),
        )
      : entry,
  );

const planted: readonly (readonly [string, FindingKind, Untimed[]])[] = [
  ["the first acknowledged event is gone", "lost", without(1)],
  ["one from the middle is gone", "lost", without(3)],
  ["the last one is gone", "lost", without(COUNT)],
  [
    "the log has a hole, though readers got what was there",
    "lost",
    changed(isLog, () => [log([1, 2, 4, 5, 6])]),
  ],
  [
    "an event is in the log twice",
    "stored twice",
    changed(isLog, () => {
      const whole = log();
      const events = [...whole.events, { offset: offset(COUNT + 1), value: value(2) }];
      return [{ ...whole, head: offset(COUNT + 1), events }];
    }),
  ],
  ["an ack names another's place", "wrong ack", changed(isAck(2), () => [acked(3, value(2))])],
  [
    "two acks name two places",
    "wrong ack",
    changed(isAck(2), () => [acked(2), acked(3, value(2))]),
  ],
  [
    "what was delivered is not in the log",
    "vanished",
    changed(isAck(COUNT), gone).map((entry) => (isLog(entry) ? log([1, 2, 3, 4, 5]) : entry)),
  ],
  [
    "the log says something else than what was delivered",
    "vanished",
    changed(isOf(5), (entry) => [{ ...entry, value: value(2) } as Untimed]),
  ],
  [
    "an event comes twice on a connection",
    "repeated",
    changed(isDelivery("a", 3), (entry) => [entry, entry]),
  ],
  [
    "an older event comes again on a connection",
    "reordered",
    changed(isDelivery("a", 5), (entry) => [entry, delivered("a", 1, 3), delivered("a", 1, 5)]),
  ],
  [
    "something comes on a connection that was over",
    "reordered",
    changed(isDelivery("b", 5), (entry) => [delivered("b", 1, 4), entry]),
  ],
  [
    "one that was sent after another's ack is before it",
    "order of time",
    (() => {
      const history = good();
      const late = history.findIndex((entry) => entry.type === "sent" && entry.value === value(1));
      const [sent] = history.splice(late, 1) as [Untimed];
      const early = history.findIndex(isAck(1));
      const [ack] = history.splice(early, 1) as [Untimed];
      const after = history.findIndex(isAck(2)) + 1;
      history.splice(after, 0, sent, ack);
      return history;
    })(),
  ],
  ["the seam leaves one out", "seam", changed(isDelivery("b", 4), gone)],
  [
    "the seam repeats one",
    "seam",
    changed(isDelivery("b", 4), (entry) => [delivered("b", 2, 3), entry]),
  ],
  ["a connection leaves one out", "silent gap", changed(isDelivery("a", 3), gone)],
  [
    "one comes from another log, and nothing is said",
    "silent gap",
    changed(isLog, (entry) => [
      entry,
      joined("c", 1, "f0reign-4"),
      delivered("c", 1, 5),
      delivered("c", 1, 6),
    ]),
  ],
  [
    "a refused event is there",
    "refused but present",
    [...good(), { type: "refused", value: value(2), code: "no" }],
  ],
  [
    "a good event is refused",
    "wrong refusal",
    changed(
      (entry) => entry.type === "sent" && entry.value === "p2-1",
      () => [{ type: "sent", value: "p2-1" }],
    ),
  ],
  [
    "an event with another's key is taken",
    "wrong refusal",
    changed(
      (entry) => entry.type === "sent" && entry.value === value(2),
      (entry) => [{ ...entry, doomed: "surely" } as Untimed],
    ),
  ],
  [
    "readers disagree about what was trimmed since",
    "disagreement",
    changed(isDelivery("b", 1), () => [delivered("b", 1, 1, "p2-1")])
      .filter((entry) => entry.type !== "refused")
      .map((entry) => (isLog(entry) ? log([3, 4, 5, 6]) : entry)),
  ],
  ["a reader stays behind", "behind", changed(isDelivery("a", COUNT), gone)],
  [
    "somebody gets what nobody sent",
    "invented",
    changed((entry) => entry.type === "sent" && entry.value === value(3), gone),
  ],
  [
    "what was not to be logged is",
    "logged whisper",
    changed(
      (entry) => entry.type === "sent" && entry.value === value(3),
      () => [{ type: "whispered", value: value(3) }],
    ),
  ],
  [
    "what is not logged says that a reader has come further",
    "wrong reach",
    changed(
      (entry) => entry.type === "overheard",
      () => [overheard("a", 1, "w-1", COUNT + 1)],
    ),
  ],
  [
    "what is not logged carries no offset",
    "wrong reach",
    changed(
      (entry) => entry.type === "overheard",
      (entry) => [{ ...entry, offset: "undefined" } as Untimed],
    ),
  ],
  [
    "one from the future is told that it is up to date",
    "wrong reach",
    [
      ...good(),
      joined("c", 1, offset(900)),
      { type: "live", ...at("c", 1), offset: offset(COUNT) },
    ],
  ],
  [
    "the epoch changes",
    "epoch",
    changed(isAck(4), (e) => [{ ...e, offset: "0ther-4" } as Untimed]),
  ],
];

describe("the crash harness's checker", () => {
  it("finds nothing in a history where nothing is wrong", () => {
    expect(kinds(good())).toEqual([]);
  });

  it("takes a gap that is said for what it is", () => {
    const gap = { ...at("c", 1), first: offset(5), head: offset(COUNT), reason: "trimmed" };
    const history = [
      ...good(),
      joined("c", 1, offset(2)),
      { type: "gap" as const, ...gap },
      delivered("c", 1, 5),
      delivered("c", 1, 6),
    ];
    expect(kinds(history)).toEqual([]);
    // And no more than what it says.
    expect(kinds(history.filter((entry) => !isDelivery("c", 5)(entry)))).toEqual(["seam"]);
  });

  it.each(planted)("finds it when %s: %s", (_, kind, history) => {
    expect(kinds(history)).toContain(kind);
  });

  it("was shown each kind of finding", () => {
    const shown = new Set(planted.map(([, kind]) => kind));
    expect(FINDINGS.filter((kind) => !shown.has(kind))).toEqual([]);
  });
});
