/** Where what a room's code does leaves: into the turn that runs, or one of its own. */
import type { Appended, NewEvent } from "../log/event-log.ts";
import { type Commits, LogFailed, submission } from "./commits.ts";

/** What the outlet needs of its room. */
export type OutletPorts = {
  readonly commits: Commits;
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
   * @throws if the log can't be written, or the event's key was another event's
   */
  append(event: NewEvent): Exclude<Appended, { readonly kind: "key_reused" }> {
    const { commits, turn } = this.#ports;
    let result: Appended | undefined;
    if (commits.open) {
      result = commits.append(event);
    } else {
      commits.add(
        submission([event], (outcome) => {
          if (outcome.kind === "logged") result = outcome.results[0];
        }),
      );
      turn();
    }
    if (result === undefined) throw new LogFailed("the log can't be written");
    if (result.kind === "key_reused") throw new Error("this idempotencyKey was another event's");
    return result;
  }

  /** Does something that others see: at once, or when the turn that runs is made. */
  afterwards(effect: () => void): void {
    const { commits } = this.#ports;
    if (commits.open) commits.after(effect);
    else effect();
  }

  /** Runs `turn` as part of the next turn's transaction; rejects if it throws, and all is undone. */
  perform<T>(turn: () => T): Promise<T> {
    const { commits, turnSoon } = this.#ports;
    return new Promise((resolve, reject) => {
      commits.add({
        run: () => {
          try {
            const result = commits.attempt(turn);
            commits.after(() => resolve(result));
          } catch (error) {
            if (error instanceof LogFailed) throw error;
            commits.after(() => reject(error));
          }
        },
        failed: () => reject(new LogFailed("the log can't be written")),
      });
      turnSoon();
    });
  }
}
