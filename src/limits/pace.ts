/** How fast events may come into a room: from one identity, and from all. */
import type { Limits } from "./limits.ts";
import { Bucket, Buckets } from "./rate.ts";

/** So many identities are told apart; an older one then begins anew. */
const IDENTITIES = 10_000;

export class Pace {
  readonly #identities: Buckets;
  readonly #room: Bucket;

  constructor({ emits, roomEmits }: Pick<Limits, "emits" | "roomEmits">) {
    this.#identities = new Buckets(emits, IDENTITIES);
    this.#room = new Bucket(roomEmits);
  }

  /**
   * May `count` events of this identity come in? If not, they cost neither it nor the room anything.
   * @param now milliseconds since 1970
   * @returns 0, or in how many milliseconds they may
   */
  take(identity: string, count: number, now: number): number {
    const own = this.#identities.of(identity);
    const wait = Math.max(own.wait(now, count), this.#room.wait(now, count));
    if (wait > 0) return wait;
    own.spend(now, count);
    this.#room.spend(now, count);
    return 0;
  }
}
