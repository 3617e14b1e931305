/** When the log is trimmed: now and then, so that it costs little, and never too late. */
import type { EventLog, LoggedEvent } from "../log/event-log.ts";
import { type Retention, retain } from "../log/retention.ts";
import { sizeOf } from "../protocol/attachments.ts";
import type { Counters } from "../telemetry/counters.ts";

/** What the retainer needs of its room. */
export type RetainerPorts = {
  retention(): Retention;
  readonly counters: Counters;
  log(): EventLog;
  /** Milliseconds since 1970. */
  now(): number;
  /** Asks for a `tick` at `time`, or earlier. */
  wakeAt(time: number): void;
  turnSoon(): void;
};

/** What is beyond a limit goes in batches of so much: a part of the limit, but no more than this. */
const BATCH = { part: 1 / 10, events: 500, bytes: 4_000_000, age: 60 * 60 * 1_000 };

/** A room is not woken more often than this for what is too old. */
const MIN_AGE = 1_000;

export class Retainer {
  readonly #ports: RetainerPorts;
  /** Characters and bytes logged since the log was last looked at. */
  #size = 0;
  #due = false;
  /** When the oldest event is too old; undefined if that is not known, or there is none. */
  #until: number | undefined;

  constructor(ports: RetainerPorts) {
    this.#ports = ports;
  }

  get #batch(): Retention {
    const { age, events, bytes } = this.#ports.retention();
    return {
      events: Math.min(BATCH.events, events * BATCH.part),
      bytes: Math.min(BATCH.bytes, bytes * BATCH.part),
      age: Math.max(MIN_AGE, Math.min(BATCH.age, age * BATCH.part)),
    };
  }

  /** What is kept has changed: asks for a turn that looks. */
  changed(): void {
    this.#due = true;
    this.#ports.turnSoon();
  }

  /** Events were logged. */
  logged(events: readonly LoggedEvent[]): void {
    const [first] = events;
    if (first === undefined) return;
    for (const { data, attachments } of events) this.#size += data.length + sizeOf(attachments);
    const batch = this.#batch;
    this.#due ||= this.#size >= batch.bytes;
    this.#due ||= this.#ports.log().unmeasured >= batch.events;
    // Whatever is older was looked at when the room woke.
    if (this.#until === undefined) this.#expect(first.time);
  }

  /** Time has passed, or the room woke: asks for a turn if something is too old. */
  tick(): void {
    const { log, now, turnSoon } = this.#ports;
    const [oldest] = log().oldest(1);
    if (oldest === undefined) return;
    this.#expect(oldest.time);
    if (oldest.time + this.#ports.retention().age > now()) return;
    this.#due = true;
    turnSoon();
  }

  /** A part of the turn: trims if it is time. */
  turn(): void {
    if (!this.#due) return;
    const { log, retention, counters, now, turnSoon } = this.#ports;
    const { first } = log();
    const { more, oldest } = retain(log(), retention(), now());
    counters.trimmed += log().first - first;
    this.#due = more;
    this.#size = 0;
    this.#until = undefined;
    if (more) turnSoon();
    else if (oldest !== undefined) this.#expect(oldest);
  }

  /** Has the room woken when what was logged at `time` is too old. */
  #expect(time: number): void {
    const { retention, now, wakeAt } = this.#ports;
    this.#until = time + retention().age;
    wakeAt(Math.max(this.#until, now()) + this.#batch.age);
  }
}
