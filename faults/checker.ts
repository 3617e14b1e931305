/**
 * Judges a history: what Roomlog promises (docs/protocol.md) against what was seen. Pure, so that
 * it can be shown histories that are wrong.
 */
import type { Entry, EntryOf, History, Value } from "./history.ts";

/** What can be wrong, as columns of the report. */
export const FINDINGS = [
  /** Acknowledged, and in neither the log nor what the readers got (EMIT-1, LIFE-2); or a hole in the log. */
  "lost",
  /** One value at two places of the log (EMIT-2). */
  "stored twice",
  /** An ack names a place where the log has something else, or two acks name two (EMIT-1, EMIT-2). */
  "wrong ack",
  /** Delivered, and not in the log (LIFE-2). */
  "vanished",
  /** The same event twice on one connection (SUB-4). */
  "repeated",
  /** A seq that falls within a connection (SUB-9). */
  "reordered",
  /** Acknowledged before another was sent, and behind it in the log (EMIT-6). */
  "order of time",
  /** A connection that does not begin right behind the offset it came with (SUB-4). */
  "seam",
  /** Events left out within a connection, and nothing said (SUB-4, SUB-6). */
  "silent gap",
  /** Refused for good, and yet there. */
  "refused but present",
  /** Refused, though nothing was wrong with it; or taken, though its key was another's (EMIT-2). */
  "wrong refusal",
  /** Readers who got different events at one offset (SUB-9). */
  "disagreement",
  /** A reader who did not get up to the last acknowledged event. */
  "behind",
  /** An event that nobody sent. */
  "invented",
  /** An event that is not to be logged, in the log (EMIT-7). */
  "logged whisper",
  /** An event that is not logged, with another offset than its reader has reached (SUB-8). */
  "wrong reach",
  /** An offset of another epoch, though continuity was never lost. */
  "epoch",
] as const;

export type FindingKind = (typeof FINDINGS)[number];
export type Finding = { readonly kind: FindingKind; readonly detail: string };

/**
 * What is wrong with a history; empty if nothing is.
 * @param keeps so many of the newest events are never trimmed (KEEP-1)
 */
export function check(history: History, keeps = Number.POSITIVE_INFINITY): Finding[] {
  const checker = new Checker(history);
  checker.epochs();
  checker.retention(keeps);
  checker.places();
  checker.acks();
  checker.publications();
  checker.time();
  for (const reader of new Set(of(history, "joined").map(({ reader }) => reader))) {
    checker.reader(reader);
  }
  return checker.findings;
}

class Checker {
  readonly findings: Finding[] = [];
  readonly #history: History;
  readonly #log: EntryOf<"log"> | undefined;
  /** What stands at each seq, by the log or by who was sent it. */
  readonly #valueAt = new Map<number, Value>();
  readonly #lastAcked: number;

  constructor(history: History) {
    this.#history = history;
    this.#log = of(history, "log").at(-1);
    const acked = of(history, "acked").map(({ offset }) => seqOf(offset));
    this.#lastAcked = acked.reduce((most, seq) => Math.max(most, seq), 0);
  }

  epochs(): void {
    const epochs = new Map<string, string>();
    for (const entry of this.#history) {
      if (!("offset" in entry)) continue;
      const epoch = epochOf(entry.offset);
      if (!epochs.has(epoch)) epochs.set(epoch, `${entry.type} ${entry.offset}`);
    }
    if (epochs.size > 1) this.#found("epoch", [...epochs.values()].join(", "));
  }

  /** Of the events that the log still has; without a log, of none. */
  get #first(): number {
    return this.#log?.first ? seqOf(this.#log.first) : Number.POSITIVE_INFINITY;
  }

  retention(keeps: number): void {
    if (this.#log === undefined) return;
    const due = Math.max(1, seqOf(this.#log.head) - keeps + 1);
    if (this.#first <= due || seqOf(this.#log.head) === 0) return;
    this.#found("lost", `the log begins with ${this.#log.first}, and ${due} is to be kept`);
  }

  /** One value at each seq, and one seq for each value. */
  places(): void {
    const events = this.#log?.events ?? [];
    for (const { offset, value } of events) this.#valueAt.set(seqOf(offset), value);
    for (const [n, { offset }] of events.slice(1).entries()) {
      const before = events[n]?.offset ?? "";
      if (seqOf(offset) === seqOf(before) + 1) continue;
      this.#found("lost", `the log goes on with ${offset} after ${before}`);
    }
    const first = this.#first;
    for (const { offset, value, reader } of of(this.#history, "delivered")) {
      const seq = seqOf(offset);
      const known = this.#valueAt.get(seq);
      const logged = seq >= first || (this.#log !== undefined && seq > seqOf(this.#log.head));
      if (known === value) continue;
      if (known === undefined && !logged) this.#valueAt.set(seq, value);
      else if (logged)
        this.#found("vanished", `${reader} got ${value} at ${seq}, the log ${known}`);
      else this.#found("disagreement", `${reader} got ${value} at ${seq}, another ${known}`);
    }
    const seqOfValue = new Map<Value, number>();
    for (const [seq, value] of this.#valueAt) {
      const other = seqOfValue.get(value);
      if (other !== undefined) this.#found("stored twice", `${value} at ${other} and ${seq}`);
      seqOfValue.set(value, seq);
    }
  }

  acks(): void {
    const head = this.#log === undefined ? Number.POSITIVE_INFINITY : seqOf(this.#log.head);
    const acked = new Map<Value, string>();
    for (const { value, offset } of of(this.#history, "acked")) {
      const before = acked.get(value);
      acked.set(value, offset);
      if (before !== undefined && before !== offset) {
        this.#found("wrong ack", `${value} acked as ${before} and as ${offset}`);
      }
      const seq = seqOf(offset);
      const there = this.#valueAt.get(seq);
      if (there === value) continue;
      if (there !== undefined)
        this.#found("wrong ack", `${value} acked as ${seq}, where ${there} is`);
      // What was trimmed before anybody read it can't be judged.
      if (seq < this.#first) continue;
      const elsewhere = [...this.#valueAt.values()].includes(value);
      if (!elsewhere) this.#found("lost", `${value}, acked as ${seq}; the head is ${head}`);
    }
  }

  publications(): void {
    const sent = new Set(of(this.#history, "sent").map(({ value }) => value));
    const doomed = new Map(
      of(this.#history, "sent").map((entry) => [entry.value, entry.doomed] as const),
    );
    for (const { value, code } of of(this.#history, "refused")) {
      if (doomed.get(value) === undefined) this.#found("wrong refusal", `${value}: ${code}`);
    }
    for (const { value } of of(this.#history, "acked")) {
      if (doomed.get(value) !== "surely") continue;
      this.#found("wrong refusal", `${value} had to be refused, and was taken`);
    }
    const refused = new Set(of(this.#history, "refused").map(({ value }) => value));
    const whispered = new Set(of(this.#history, "whispered").map(({ value }) => value));
    for (const [seq, value] of this.#valueAt) {
      if (whispered.has(value)) this.#found("logged whisper", `${value} at ${seq}`);
      else if (!sent.has(value)) this.#found("invented", `${value} at ${seq}`);
      if (refused.has(value)) this.#found("refused but present", `${value} at ${seq}`);
    }
    for (const { value, reader } of of(this.#history, "overheard")) {
      if (!whispered.has(value)) this.#found("invented", `${reader} overheard ${value}`);
    }
  }

  /** Linear in the history: what was acked before `sent` must not be behind it. */
  time(): void {
    const sentAt = new Map<Value, number>();
    let highest = 0;
    const highestAt = new Map<Value, number>();
    for (const entry of this.#history) {
      if (entry.type === "acked") {
        const seq = seqOf(entry.offset);
        const earlier = highestAt.get(entry.value) ?? 0;
        if (seq <= earlier) {
          const detail = `${entry.value}, sent at ${sentAt.get(entry.value)}, is ${seq}; ${earlier} was acked before`;
          this.#found("order of time", detail);
        }
        highest = Math.max(highest, seq);
      } else if (entry.type === "sent") {
        sentAt.set(entry.value, entry.at);
        highestAt.set(entry.value, highest);
      }
    }
  }

  /** What one reader got, connection by connection. Readers don't emit, so each event is due. */
  reader(name: string): void {
    let reached = 0;
    let connection: number | undefined;
    let begun = false;
    let foreign = false;
    for (const entry of this.#history) {
      if (!("reader" in entry) || entry.reader !== name) continue;
      if (entry.type === "joined") {
        connection = entry.connection;
        reached = entry.asked === null ? reached : seqOf(entry.asked);
        begun = false;
        foreign = this.#isForeign(entry.asked);
        continue;
      }
      if (entry.connection !== connection) {
        this.#found("reordered", `${name} got ${entry.type} of a connection that was over`);
        continue;
      }
      if (entry.type === "gap") {
        reached = seqOf(entry.first ?? entry.head) - (entry.first ? 1 : 0);
        foreign = false;
        continue;
      }
      if (foreign) this.#found("silent gap", `${name} came from another log, and was not told`);
      foreign = false;
      if (entry.type === "live" || entry.type === "overheard")
        this.#reaches(name, entry.offset, reached);
      else if (entry.type === "delivered") {
        const seq = seqOf(entry.offset);
        // `0` asks for all that is kept, however little (SUB-3).
        if (!begun && reached === 0 && seq <= this.#first) reached = seq - 1;
        this.#continues(name, seq, reached, begun);
        reached = Math.max(reached, seq);
        begun = true;
      }
    }
    if (reached < this.#lastAcked) {
      this.#found("behind", `${name} got up to ${reached}, acked was ${this.#lastAcked}`);
    }
  }

  #continues(name: string, seq: number, reached: number, begun: boolean): void {
    if (seq === reached + 1) return;
    const detail = `${name} got ${seq} after ${reached}`;
    if (!begun) this.#found("seam", detail);
    else if (seq === reached) this.#found("repeated", detail);
    else this.#found(seq < reached ? "reordered" : "silent gap", detail);
  }

  #isForeign(asked: string | null): boolean {
    if (asked === null || !asked.includes("-") || this.#log === undefined) return false;
    return epochOf(asked) !== epochOf(this.#log.head);
  }

  #reaches(name: string, offset: string, reached: number): void {
    if (seqOf(offset) === reached) return;
    this.#found("wrong reach", `${name} was told ${offset} and had come to ${reached}`);
  }

  #found(kind: FindingKind, detail: string): void {
    this.findings.push({ kind, detail });
  }
}

function of<T extends Entry["type"]>(history: History, type: T): EntryOf<T>[] {
  return history.filter((entry): entry is EntryOf<T> => entry.type === type);
}

function epochOf(offset: string): string {
  return offset.slice(0, offset.lastIndexOf("-"));
}

/** The seq of an offset; one that is none is before everything. */
function seqOf(offset: string): number {
  const seq = Number(offset.slice(offset.lastIndexOf("-") + 1));
  return Number.isSafeInteger(seq) ? seq : -1;
}
