/** @import { BoardClient } from "./client.js" */

/** Others are told where a note is so often, in milliseconds. */
const PACE = 40;

/** @typedef {{ x: number, y: number }} Place */
/** @typedef {{ id: string, base: string, place: Place | null, renew: ReturnType<typeof setInterval> | undefined, told: number }} Held */

/**
 * The note that this person holds: locked for all others, moved here first, told to others as it
 * moves, and put down by one change. It says `moved` for each step, and `lost` if it can't be held.
 */
export class Hand extends EventTarget {
  #client;
  /** @type {Held | null} */
  #held = null;

  /** @param {BoardClient} client */
  constructor(client) {
    super();
    this.#client = client;
  }

  /** @param {string} id @returns {Place | null} where the note is held */
  placeOf(id) {
    return this.#held?.id === id ? this.#held.place : null;
  }

  /** @param {string} id */
  holds(id) {
    return this.#held?.id === id;
  }

  /** The version of the held note when it was taken. */
  get base() {
    return this.#held?.base;
  }

  /** @param {string} id */
  take(id) {
    if (this.holds(id)) return;
    this.letGo();
    const note = this.#client.model.get(id);
    if (note === undefined) return;
    /** @type {Held} */
    const held = { id, base: note.version, place: null, renew: undefined, told: 0 };
    this.#held = held;
    void this.#lock(held);
  }

  /** @param {Place} place */
  moveTo(place) {
    const held = this.#held;
    if (held === null) return;
    held.place = place;
    this.#tell("moved", held.id);
    const now = performance.now();
    if (now - held.told < PACE) return;
    held.told = now;
    this.#client.pass("drag", { id: held.id, ...place });
  }

  /** Puts the note down where it is. */
  letGo() {
    const held = this.#end();
    if (held === undefined) return;
    const { id, base, place } = held;
    const note = this.#client.model.get(id);
    const moved = place && (place.x !== note?.x || place.y !== note?.y);
    if (moved) void this.#client.onNote("move", id, { base, ...place });
    void this.#client.unlock(id);
    this.#tell("moved", id);
  }

  /** Puts it back to where it was. */
  cancel() {
    const held = this.#end();
    if (held === undefined) return;
    void this.#client.unlock(held.id);
    this.#tell("moved", held.id);
  }

  /** @param {Held} held */
  async #lock(held) {
    const answer = await this.#client.lock(held.id);
    if (this.#held !== held) return;
    if (answer.error) {
      this.#end();
      this.#tell("lost", held.id);
      return;
    }
    clearInterval(held.renew);
    held.renew = setInterval(() => this.#lock(held), answer.for / 3);
  }

  #end() {
    const held = this.#held;
    if (held === null) return undefined;
    this.#held = null;
    clearInterval(held.renew);
    return held;
  }

  /** @param {string} what @param {string} id */
  #tell(what, id) {
    this.dispatchEvent(new CustomEvent(what, { detail: id }));
  }
}
