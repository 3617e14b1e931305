/** @import { Lock } from "../../src/events.ts" */

/** Word that a lock has ended may be lost, since it is not logged: this much later it is over anyway. */
const GRACE = 1_000;

/** Who holds which note, as far as this client knows. */
export class Holds {
  /** @type {Map<string, { socket: string, name: string, timer: ReturnType<typeof setTimeout> }>} */
  #held = new Map();
  #changed;

  /** @param {() => void} changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /** @param {string} note @returns {{ socket: string, name: string } | undefined} */
  of(note) {
    return this.#held.get(note);
  }

  /** @param {Lock} lock */
  add({ note, socket, name, for: ms }) {
    clearTimeout(this.#held.get(note)?.timer);
    const timer = setTimeout(() => this.end(note), ms + GRACE);
    this.#held.set(note, { socket, name, timer });
    this.#changed();
  }

  /** @param {string} note */
  end(note) {
    clearTimeout(this.#held.get(note)?.timer);
    if (this.#held.delete(note)) this.#changed();
  }

  /** @param {readonly Lock[]} locks all that there are */
  reset(locks) {
    this.clear();
    for (const lock of locks) this.add(lock);
  }

  clear() {
    for (const { timer } of this.#held.values()) clearTimeout(timer);
    this.#held.clear();
  }
}
