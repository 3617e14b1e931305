/**
 * Wakes the room when something is due. What is due within seconds runs on a timer, which costs
 * nothing: the object stays awake that long anyway. What is later runs on the object's one alarm,
 * which lets it sleep. Setting an alarm writes a row, so one that rings early enough is left alone.
 */
import type { Sql } from "../storage/sql.ts";
import type { Counters } from "../telemetry/counters.ts";

/** An idle object hibernates after so long, in milliseconds. */
const AWAKE_ANYWAY = 10_000;

/** Should the object be evicted with a timer running, an alarm brings it back after so long. */
const BACKUP = 30_000;

/** What is later still is looked at again after so long: the platform takes no date after 2189. */
const FURTHEST = 365 * 24 * 3_600_000;

export class AlarmClock {
  readonly #storage: DurableObjectStorage;
  readonly #counters: Counters;
  readonly #ring: () => void;
  #alarmAt: number | null = null;
  #timer: { readonly at: number; readonly id: ReturnType<typeof setTimeout> } | undefined;

  /** @param ring is called, with a timer, when something may be due */
  constructor(storage: DurableObjectStorage, counters: Counters, ring: () => void) {
    this.#storage = storage;
    this.#counters = counters;
    this.#ring = ring;
  }

  /** After a wake-up: finds out when the alarm will ring. */
  async load(): Promise<number | null> {
    this.#alarmAt = await this.#storage.getAlarm();
    return this.#alarmAt;
  }

  /** The alarm rang: it is no longer set. */
  rang(): void {
    this.#counters.alarms++;
    this.#alarmAt = null;
  }

  /** Rings at `time` (milliseconds since 1970) or somewhat earlier. */
  wakeAt(time: number): void {
    const now = Date.now();
    if (time > now + AWAKE_ANYWAY) {
      this.#setAlarm(Math.min(time, now + FURTHEST));
    } else {
      this.#setTimer(time, now);
      this.#setAlarm(now + BACKUP);
    }
  }

  /** The database, with transactions that undo no alarm: setting one is undone with them. */
  guard(sql: Sql): Sql {
    return { ...sql, transaction: (turn) => this.#during(() => sql.transaction(turn)) };
  }

  #during<T>(transaction: () => T): T {
    const before = this.#alarmAt;
    try {
      return transaction();
    } catch (error) {
      const asked = this.#alarmAt;
      this.#alarmAt = before;
      // One too many does no harm; what else was asked for meanwhile relies on it.
      if (asked !== null && asked !== before) this.#setAlarm(asked);
      throw error;
    }
  }

  #setTimer(at: number, now: number): void {
    if (this.#timer !== undefined) {
      if (this.#timer.at <= at) return;
      clearTimeout(this.#timer.id);
    }
    const ring = () => {
      this.#timer = undefined;
      this.#ring();
    };
    this.#timer = { at, id: setTimeout(ring, Math.max(0, at - now)) };
  }

  #setAlarm(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return;
    this.#alarmAt = at;
    this.#counters.rowsWritten++;
    // Not awaited: the output gate holds back whatever depends on it.
    void this.#storage.setAlarm(at);
  }
}
