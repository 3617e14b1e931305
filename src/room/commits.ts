/**
 * Group commit. What is to be logged waits here until the room's next turn, which appends all of it
 * in one transaction: one commit for many events instead of one each.
 */
import type { Appended, EventLog, LoggedEvent, NewEvent } from "../log/event-log.ts";

/** What became of a submission's events, in their order. */
export type Outcome =
  | { readonly kind: "logged"; readonly results: readonly Appended[] }
  /** One of several was a reused key: none was logged. */
  | { readonly kind: "key_reused" }
  /** The log could not be written: nothing was, and a retry may succeed. */
  | { readonly kind: "failed" };

/** Events to log, all or none, and whom to tell. */
export type Submission = {
  readonly events: readonly NewEvent[];
  settle(outcome: Outcome): void;
};

/** What a commit did: the events now in the log, and whom to tell once they have been sent. */
export type Commit = { readonly logged: readonly LoggedEvent[]; settle(): void };

class KeyReused extends Error {}

export class Commits {
  readonly #report: (error: unknown) => void;
  #waiting: Submission[] = [];

  /** @param report gets the exceptions of a log that can't be written */
  constructor(report: (error: unknown) => void) {
    this.#report = report;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  add(submission: Submission): void {
    this.#waiting.push(submission);
  }

  /** Appends all that waits, in one transaction. */
  commit(log: EventLog, now: number): Commit {
    const submissions = this.#waiting;
    this.#waiting = [];
    const settleAll = (outcomes: readonly Outcome[]) => () => {
      for (const [i, { settle }] of submissions.entries())
        settle(outcomes[i] ?? { kind: "failed" });
    };
    try {
      const outcomes = log.transaction(() =>
        submissions.map(({ events }) => appendAll(log, events, now)),
      );
      return { logged: outcomes.flatMap(loggedBy), settle: settleAll(outcomes) };
    } catch (error) {
      this.#report(error);
      return { logged: [], settle: settleAll([]) };
    }
  }
}

function appendAll(log: EventLog, events: readonly NewEvent[], now: number): Outcome {
  const append = () => events.map((event) => log.append(event, now));
  if (events.length === 1) return { kind: "logged", results: append() };
  try {
    return { kind: "logged", results: log.transaction(() => append().map(refuseReused)) };
  } catch (error) {
    if (error instanceof KeyReused) return { kind: "key_reused" };
    throw error;
  }
}

function refuseReused(result: Appended): Appended {
  if (result.kind === "key_reused") throw new KeyReused();
  return result;
}

function loggedBy(outcome: Outcome): LoggedEvent[] {
  if (outcome.kind !== "logged") return [];
  return outcome.results.flatMap((result) => (result.kind === "appended" ? [result.event] : []));
}
