/** Who is typing where. Nothing of it is stored: it fades by itself. */

/** How long one is said to be typing, and how often it is told, in milliseconds. */
const FADES = 4_000;
const AGAIN = 2_000;

export class Typing {
  #until = new Map();
  #changed;
  #told = 0;

  /** @param changed called when the answer of `of` may be another one */
  constructor(changed) {
    this.#changed = changed;
  }

  saw({ channel, nick }) {
    this.#until.set(`${channel} ${nick}`, Date.now() + FADES);
    setTimeout(this.#changed, FADES);
    this.#changed();
  }

  /** They have said it. */
  done({ channel, nick }) {
    if (this.#until.delete(`${channel} ${nick}`)) this.#changed();
  }

  of(channel) {
    const now = Date.now();
    return [...this.#until]
      .filter(([who, until]) => until > now && who.startsWith(`${channel} `))
      .map(([who]) => who.slice(channel.length + 1));
  }

  /** Is it time to tell others that we are? */
  get tells() {
    const now = Date.now();
    if (now - this.#told < AGAIN) return false;
    this.#told = now;
    return true;
  }

  /** What was typed is sent; the next letter is news again. */
  sent() {
    this.#told = 0;
  }
}
