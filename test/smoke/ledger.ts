// What one reader has seen, checked as it comes and against the log in the end.
import { Violation, type Watch } from "../support/watch.ts";
import { isStep, type LoggedStep, parseOffset, show, showLogged } from "./step.ts";

export class Ledger {
  readonly name: string;
  readonly seen: LoggedStep[] = [];
  readonly #watch: Watch;
  /** By publisher, its last step seen. */
  readonly #last = new Map<string, number>();
  #thisConnection = 0;
  /** Has it asked for replay, and not yet heard that this is done (SUB-7)? */
  replaying = false;

  constructor(name: string, watch: Watch) {
    this.name = name;
    this.#watch = watch;
  }

  get offset(): string | undefined {
    return this.seen.at(-1)?.offset;
  }

  /** A connection begins; what comes on it must go on exactly where the last one stopped. */
  connected(asksForReplay: boolean): void {
    this.#thisConnection = 0;
    this.replaying = asksForReplay;
  }

  /** What a listener of `step` got. */
  take(args: readonly unknown[]): void {
    const [step, offset] = args;
    const at = parseOffset(offset);
    if (args.length !== 2 || !isStep(step) || at === undefined) {
      this.violation(`got ${JSON.stringify(args)}, which is no step with its offset`);
      return;
    }
    const logged = { step, offset: `${at.epoch}-${at.seq}` };
    const before = parseOffset(this.offset);
    if (before !== undefined && (before.epoch !== at.epoch || before.seq >= at.seq)) {
      this.violation(`saw ${showLogged(logged)} after ${showLogged(this.seen.at(-1))}`);
    }
    const last = this.#last.get(step.from) ?? 0;
    if (step.n !== last + 1) {
      this.violation(`saw ${showLogged(logged)}, but of ${step.from} it had seen up to #${last}`);
    }
    this.#last.set(step.from, step.n);
    this.seen.push(logged);
    this.#thisConnection++;
    this.#watch.changed();
  }

  /** What a listener of `roomlog:live` got: what the replay has sent has to be here by then. */
  live(info: { readonly offset?: unknown; readonly replayed?: unknown }): void {
    const seq = parseOffset(info.offset)?.seq ?? -1;
    if (!this.replaying) this.violation("was told of a replay's end twice, or unasked");
    this.replaying = false;
    this.#watch.changed();
    if (info.replayed !== this.#thisConnection || seq < (parseOffset(this.offset)?.seq ?? 0)) {
      const state = `${this.#thisConnection} events on this connection, its last ${this.offset}`;
      this.violation(`was told ${JSON.stringify(info)} when it had ${state}`);
    }
  }

  violation(message: string): void {
    this.#watch.violation(`${this.name} ${message}`);
  }

  /**
   * Has the reader seen the log, each event once, in the log's order?
   * @param except whose events it must not get, because it emitted them
   */
  compare(log: readonly LoggedStep[], except?: string): void {
    const expected = log.filter(({ step }) => step.from !== except);
    for (let i = 0; i < Math.max(expected.length, this.seen.length); i++) {
      const [wanted, got] = [expected[i], this.seen[i]];
      if (wanted && got && wanted.offset === got.offset && show(wanted.step) === show(got.step)) {
        continue;
      }
      const place = `its event ${i + 1} of ${expected.length}`;
      throw new Violation(
        `${this.name}: ${place} should be ${showLogged(wanted)}, it saw ${showLogged(got)}`,
      );
    }
  }
}
