/**
 * Group commit. What is to be logged waits here until the room's next turn, which does all of it in
 * one transaction: one commit for many events instead of one each.
 */
import type { Appended, EventLog, KeyRefused, LoggedEvent, NewEvent } from "../log/event-log.ts";
import type { Offset } from "../log/offset.ts";
import { isKeyRefused } from "../log/receipt.ts";
import type { Counters } from "../telemetry/counters.ts";

/** Something to do inside a turn's transaction. */
export type Work = {
  /** Appends with `append`, and leaves with `after` what is to happen once all is sent. */
  run(commits: Commits): void;
  /** The transaction could not be made: nothing of it happened, and a retry may succeed. */
  failed(): void;
};

/** What became of a submission's events, in their order. */
export type Outcome =
  | { readonly kind: "logged"; readonly results: readonly Appended[] }
  /** The newest event is another one than was asked for: none was logged. */
  | { readonly kind: "head_moved" }
  /** The key of one of several was refused: none was logged. */
  | KeyRefused
  /** The room's storage is full: none was logged. */
  | { readonly kind: "storage_full" }
  /** Too much waits to be logged: none was. */
  | { readonly kind: "overloaded" }
  /** The log could not be written: nothing was, and a retry may succeed. */
  | { readonly kind: "failed" };

/** What a commit did: the events now in the log, and what is to happen once they have been sent. */
export type Commit = { readonly logged: readonly LoggedEvent[]; settle(): void };

/** A commit whose transaction is open. */
type Open = {
  readonly log: EventLog;
  readonly now: number;
  readonly full: boolean;
  logged: LoggedEvent[];
  effects: (() => void)[];
  /** Why the log can't be written, even if somebody caught that. */
  broken?: LogFailed;
};

/** Undoes what came before it in a submission. */
class KeyFailed extends Error {
  readonly refused: KeyRefused;

  constructor(refused: KeyRefused) {
    super(refused.kind);
    this.refused = refused;
  }
}

/** KEEP-2: new events are refused before the database itself is full. */
export class StorageFull extends Error {
  constructor() {
    super("the room's storage is full");
  }
}

/** The log can't be written: nothing of the turn can be kept. */
export class LogFailed extends Error {}

/** More than a turn can do in a second, or than is good for an object's 128 MB. */
const CAPACITY = { works: 20_000, size: 32_000_000 };

export class Commits {
  readonly #report: (error: unknown, what: string) => void;
  readonly #counters: Counters;
  #waiting: Work[] = [];
  /** Characters and bytes of what waits. */
  #size = 0;
  #open: Open | undefined;

  /** @param report gets the exceptions of a log that can't be written, and of effects */
  constructor(report: (error: unknown, what: string) => void, counters: Counters) {
    this.#report = report;
    this.#counters = counters;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Is a transaction open, so that `append` and `after` may be called? */
  get open(): boolean {
    return this.#open !== undefined;
  }

  /** Does so much wait that nothing more should? */
  get full(): boolean {
    return this.#waiting.length >= CAPACITY.works || this.#size > CAPACITY.size;
  }

  /** @param size characters and bytes of its events */
  add(work: Work, size = 0): void {
    this.#waiting.push(work);
    this.#size += size;
  }

  /**
   * Does all that waits, in one transaction.
   * @param full is no new event to be appended?
   */
  commit(log: EventLog, now: number, full: boolean): Commit {
    const works = this.#waiting;
    this.#waiting = [];
    this.#size = 0;
    const open: Open = { log, now, full, logged: [], effects: [] };
    this.#open = open;
    try {
      log.transaction(() => {
        for (const work of works) work.run(this);
        if (open.broken) throw open.broken;
      });
    } catch (error) {
      this.#report(error, "log_failed");
      open.logged = [];
      open.effects = works.map((work) => () => work.failed());
    } finally {
      this.#open = undefined;
    }
    const { logged, effects } = open;
    return {
      logged,
      settle: () => {
        for (const effect of effects) this.#do(effect);
      },
    };
  }

  /** One that throws keeps nobody else from being answered. */
  #do(effect: () => void): void {
    try {
      effect();
    } catch (error) {
      this.#report(error, "effect_failed");
    }
  }

  // --- Inside the transaction ---------------------------------------------------------------

  append(event: NewEvent): Appended {
    const open = this.#opened;
    const { log, now, full, logged } = open;
    if (full) {
      const known = log.find(event);
      if (known === undefined) throw new StorageFull();
      return known;
    }
    let result: Appended;
    try {
      result = log.append(event, now);
    } catch (error) {
      open.broken = new LogFailed("the log can't be written", { cause: error });
      throw open.broken;
    }
    if (result.kind === "appended") logged.push(result.event);
    else if (result.kind === "duplicate") this.#counters.duplicates++;
    return result;
  }

  /** Is this the offset of the newest event? */
  isHead({ epoch, seq }: Offset): boolean {
    const { log } = this.#opened;
    return (epoch ?? log.epoch) === log.epoch && seq === log.head;
  }

  /** Is each of these events in the log already? */
  hasAll(events: readonly NewEvent[]): boolean {
    const { log } = this.#opened;
    return events.length > 0 && events.every((event) => log.find(event)?.kind === "duplicate");
  }

  /** Leaves something to do for when the transaction is made and its events are sent. */
  after(effect: () => void): void {
    this.#opened.effects.push(effect);
  }

  /** Runs `turn`; if it throws, what it wrote, appended and left to do is undone. */
  attempt<T>(turn: () => T): T {
    const open = this.#opened;
    const logged = open.logged.length;
    const effects = open.effects.length;
    try {
      return open.log.transaction(turn);
    } catch (error) {
      open.logged.length = logged;
      open.effects.length = effects;
      throw error;
    }
  }

  get #opened(): Open {
    if (this.#open === undefined) throw new Error("no transaction is open");
    return this.#open;
  }
}

/**
 * Work that logs events, all or none.
 * @param ifHead only if this is the newest offset then; a retry of what is in the log is one all the same
 */
export function submission(
  events: readonly NewEvent[],
  ifHead: Offset | null,
  settle: (outcome: Outcome) => void,
): Work {
  return {
    run(commits) {
      const isMoved = ifHead !== null && !commits.isHead(ifHead) && !commits.hasAll(events);
      const outcome = isMoved ? ({ kind: "head_moved" } as const) : appendAll(commits, events);
      commits.after(() => settle(outcome));
    },
    failed: () => settle({ kind: "failed" }),
  };
}

function appendAll(commits: Commits, events: readonly NewEvent[]): Outcome {
  const append = () => events.map((event) => commits.append(event));
  try {
    if (events.length === 1) return { kind: "logged", results: append() };
    return { kind: "logged", results: commits.attempt(() => append().map(refuseKey)) };
  } catch (error) {
    if (error instanceof KeyFailed) return error.refused;
    if (error instanceof StorageFull) return { kind: "storage_full" };
    throw error;
  }
}

function refuseKey(result: Appended): Appended {
  if (isKeyRefused(result)) throw new KeyFailed(result);
  return result;
}
