/** @template T
 *  @typedef {{ offset: string, notes: T }} Snapshot */

/**
 * Joins a snapshot and the events that follow it, with no gap and no duplicate. Until it is joined,
 * what comes is held back. The snapshot names its place by the offset of one of the events that
 * come, which stands in the log exactly where the snapshot was taken: what came up to there is in
 * the snapshot, what came behind it is not. Offsets are compared for equality only.
 * @template Event, Notes
 */
export class Seam {
  /** @type {{ event: Event, offset: string }[] | null} */
  #held = null;
  /** @type {Snapshot<Notes> | null} */
  #snapshot = null;

  /** Is there a snapshot to come? */
  get waiting() {
    return this.#held !== null;
  }

  /** From now on, events are held back until a snapshot's place is known. */
  wait() {
    this.#held = [];
    this.#snapshot = null;
  }

  /**
   * Takes an event, in the order in which they come.
   * @param {Event} event
   * @param {string} offset
   * @returns {{ notes?: Notes, events: Event[] }} what is to be done now
   */
  event(event, offset) {
    if (this.#held === null) return { events: [event] };
    this.#held.push({ event, offset });
    return this.#join();
  }

  /**
   * Takes the snapshot. It may come before the event at its place, or after it.
   * @param {Snapshot<Notes>} snapshot
   * @returns {{ notes?: Notes, events: Event[] }} what is to be done now
   */
  snapshot(snapshot) {
    if (this.#held === null) return { events: [] };
    this.#snapshot = snapshot;
    return this.#join();
  }

  /** @returns {{ notes?: Notes, events: Event[] }} */
  #join() {
    const [held, snapshot] = [this.#held, this.#snapshot];
    const place = held?.findIndex(({ offset }) => offset === snapshot?.offset) ?? -1;
    if (held === null || snapshot === null || place === -1) return { events: [] };
    this.#held = null;
    this.#snapshot = null;
    return { notes: snapshot.notes, events: held.slice(place + 1).map(({ event }) => event) };
  }
}
