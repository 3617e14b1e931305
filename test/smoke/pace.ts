// Keeps a stream and the cuts in it together: cuts are spread over all of it, at random moments.
import type { Random } from "../support/random.ts";
import type { Watch } from "../support/watch.ts";
import type { Acknowledged, Turn } from "./publishers.ts";

type Options = {
  readonly events: number;
  readonly cuts: number;
  readonly victims: number;
  readonly acks: Acknowledged;
  readonly watch: Watch;
};

export class Pace {
  readonly #options: Options;
  #begun = 0;
  #done = 0;

  constructor(options: Options) {
    this.#options = options;
  }

  /** Events acknowledged so far. */
  get acked(): number {
    return this.#options.acks.size;
  }

  /** How often to cut each victim. */
  get cuts(): number {
    return this.#options.cuts;
  }

  get over(): boolean {
    return this.acked >= this.#options.events;
  }

  /** A victim was cut. */
  cut(): void {
    this.#done++;
    this.#options.watch.changed();
  }

  /** After how many events to cut a victim for the time after the `done`-th: in its own stretch. */
  momentOf(done: number, random: Random): number {
    const { events, cuts } = this.#options;
    const stretch = Math.floor(events / cuts);
    return done * stretch + random.below(stretch);
  }

  /** A publisher's turn comes once the cuts of the stretch before are done. */
  readonly turn: Turn = async (publisher) => {
    const { events, cuts, victims, watch } = this.#options;
    const mayBegin = () => Math.ceil(((Math.floor(this.#done / victims) + 1) * events) / cuts);
    await watch.until(
      () => this.#begun >= events || this.#begun < mayBegin(),
      () => `publisher ${publisher} waits after ${this.#begun} events for ${victims} cuts`,
    );
    if (this.#begun >= events) return false;
    this.#begun++;
    return true;
  };
}
