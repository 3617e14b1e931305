/**
 * Group commit. What is to be logged waits here until the room's next turn, which does all of it in
 * one transaction: one commit for many events instead of one each.
 */
import type { Appended, EventLog, LoggedEvent, NewEvent } from "../log/event-log.ts";

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
  /** One of several was a reused key: none was logged. */
  | { readonly kind: "key_reused" }
  /** The log could not be written: nothing was, and a retry may succeed. */
  | { readonly kind: "failed" };

/** What a commit did: the events now in the log, and what is to happen once they have been sent. */
export type Commit = { readonly logged: readonly LoggedEvent[]; settle(): void };

/** A commit whose transaction is open. */
type Open = {
  readonly log: EventLog;
  readonly now: number;
  logged: LoggedEvent[];
  effects: (() => void)[];
  /** Why the log can't be written, even if somebody caught that. */
  broken?: LogFailed;
};

class KeyReused extends Error {}

/** The log can't be written: nothing of the turn can be kept. */
export class LogFailed extends Error {}

export class Commits {
  readonly #report: (error: unknown) => void;
  #waiting: Work[] = [];
  #open: Open | undefined;

  /** @param report gets the exceptions of a log that can't be written */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Is a transaction open, so that `append` and `after` may be called? */
  get open(): boolean {
    return this.#open !== undefined;
  }

  add(work: Work): void {
    this.#waiting.push(work);
  }

  /** Does all that waits, in one transaction. */
  commit(log: EventLog, now: number): Commit {
    const works = this.#waiting;
    this.#waiting = [];
    const open: Open = { log, now, logged: [], effects: [] };
    this.#open = open;
    try {
      log.transaction(() => {
        for (const work of works) work.run(this);
        if (open.broken) throw open.broken;
      });
    } catch (error) {
      this.#report(error);
      open.logged = [];
      open.effects = works.map((work) => () => work.failed());
    } finally {
      this.#open = undefined;
    }
    const { logged, effects } = open;
    return {
      logged,
      settle() {
        for (const effect of effects) effect();
      },
    };
  }

  // --- Inside the transaction ---------------------------------------------------------------

  append(event: NewEvent): Appended {
    const open = this.#opened;
    const { log, now, logged } = open;
    let result: Appended;
    try {
      result = log.append(event, now);
    } catch (error) {
      open.broken = new LogFailed("the log can't be written", { cause: error });
      throw open.broken;
    }
    if (result.kind === "appended") logged.push(result.event);
    return result;
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

/** Work that logs events, all or none. */
export function submission(events: readonly NewEvent[], settle: (outcome: Outcome) => void): Work {
  return {
    run(commits) {
      const outcome = appendAll(commits, events);
      commits.after(() => settle(outcome));
    },
    failed: () => settle({ kind: "failed" }),
  };
}

function appendAll(commits: Commits, events: readonly NewEvent[]): Outcome {
  const append = () => events.map((event) => commits.append(event));
  if (events.length === 1) return { kind: "logged", results: append() };
  try {
    return { kind: "logged", results: commits.attempt(() => append().map(refuseReused)) };
  } catch (error) {
    if (error instanceof KeyReused) return { kind: "key_reused" };
    throw error;
  }
}

function refuseReused(result: Appended): Appended {
  if (result.kind === "key_reused") throw new KeyReused();
  return result;
}
