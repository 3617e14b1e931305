/** Those who left without a word, for as long as they may come back unnoticed. */
import type { DisconnectReason } from "./handlers.ts";
import type { Member } from "./member.ts";

export type Absence = {
  readonly member: Member;
  readonly reason: DisconnectReason;
  /** When it counts as having left, in milliseconds since 1970. */
  readonly until: number;
};

/** So many are waited for: who comes and goes all the time must not fill the memory. */
const MAX_ABSENCES = 10_000;

export class Absences {
  /** By id; the first to leave is the first to be given up. */
  readonly #byId = new Map<string, Absence>();

  [Symbol.iterator](): Iterator<Absence> {
    return this.#byId.values();
  }

  get(id: string): Absence | undefined {
    return this.#byId.get(id);
  }

  add(absence: Absence): void {
    this.#byId.delete(absence.member.id);
    this.#byId.set(absence.member.id, absence);
  }

  /** It is here again. */
  take(id: string): Absence | undefined {
    const absence = this.#byId.get(id);
    this.#byId.delete(id);
    return absence;
  }

  /** Takes out those who are waited for no longer, so that there is room for one more. */
  expire(now: number): Absence[] {
    const expired: Absence[] = [];
    for (const [id, absence] of this.#byId) {
      // All wait for as long, so those behind have come later.
      if (now < absence.until && this.#byId.size < MAX_ABSENCES) break;
      this.#byId.delete(id);
      expired.push(absence);
    }
    return expired;
  }

  /** When the next is to be given up; undefined if nobody is waited for. */
  get next(): number | undefined {
    for (const { until } of this.#byId.values()) return until;
    return undefined;
  }
}
