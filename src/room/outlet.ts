/** Where what a room's code does leaves: into the turn that runs, or one of its own. */
import type { NewEvent } from "../log/event-log.ts";
import { isKeyRefused, type Kept } from "../log/receipt.ts";
import { type Commits, LogFailed, type Work } from "./commits.ts";
import { KEY_REFUSALS } from "./emit.ts";
import type { Seats } from "./seats.ts";

/** What the outlet needs of its room. */
export type OutletPorts = {
  readonly commits: Commits;
  readonly seats: Seats;
  /** Does the turn now. */
  turn(): void;
  turnSoon(): void;
};

export class Outlet {
  readonly #ports: OutletPorts;

  constructor(ports: OutletPorts) {
    this.#ports = ports;
  }

  /**
   * Logs an event now. What the code wrote before, and writes after this until it awaits, is one
   * transaction with it.
   * @throws if the log is full or can't be written, or the event's key was another event's
   */
  append(event: NewEvent): Kept {
    const { commits } = this.#ports;
    const append = () => commits.append(event);
    const result = commits.open ? append() : this.#inOwnTurn(append);
    if (isKeyRefused(result)) throw new Error(KEY_REFUSALS[result.kind]);
    return result;
  }

  /** Does something that others see: at once, or when the turn that runs is made. */
  afterwards(effect: () => void): void {
    const { commits } = this.#ports;
    if (commits.open) commits.after(effect);
    else effect();
  }

  /** Runs `turn` now, inside a handler too: if it throws, what it wrote and emitted is undone. */
  transaction<T>(turn: () => T): T {
    const { commits, seats } = this.#ports;
    const whole = () => seats.during(turn);
    return commits.open ? commits.attempt(whole) : this.#inOwnTurn(whole);
  }

  /** Runs `turn` as part of the next turn's transaction; rejects if it throws, and all is undone. */
  perform<T>(turn: () => T): Promise<T> {
    const { commits, seats, turnSoon } = this.#ports;
    return new Promise((resolve, reject) => {
      commits.add(attempt(() => seats.during(turn), resolve, reject));
      turnSoon();
    });
  }

  #inOwnTurn<T>(turn: () => T): T {
    let result: { readonly value: T } | { readonly error: unknown } | undefined;
    const done = (value: T) => {
      result = { value };
    };
    const failed = (error: unknown) => {
      result = { error };
    };
    this.#ports.commits.add(attempt(turn, done, failed));
    this.#ports.turn();
    return settled(result);
  }
}

function settled<T>(result: { readonly value: T } | { readonly error: unknown } | undefined): T {
  if (result === undefined) throw new LogFailed("the log can't be written");
  if ("error" in result) throw result.error;
  return result.value;
}

/** Work that runs `turn`, all or nothing, and tells what became of it. */
function attempt<T>(
  turn: () => T,
  done: (value: T) => void,
  failed: (error: unknown) => void,
): Work {
  return {
    run(commits) {
      try {
        const value = commits.attempt(turn);
        commits.after(() => done(value));
      } catch (error) {
        if (error instanceof LogFailed) throw error;
        commits.after(() => failed(error));
      }
    },
    failed: () => failed(new LogFailed("the log can't be written")),
  };
}
