import { parseOffset, showOffset } from "./offset.js";
import { toneOf } from "./tone.js";

const PITCH = 14; // pixels from one seq to the next, as in demo.css
const KEPT = 400; // ticks held in the page

/** The log drawn as a ruler: one tick an event, and each reader's place in it.
 *  It knows only what it is told, it never asks the room. */
export class Ribbon {
  #window = document.getElementById("tape-window");
  #tape = document.getElementById("tape");
  #headLabel = document.getElementById("head");
  #epoch = null;
  #past = new Set(); // epochs that ended; a late word of one is not news
  #head = null;
  #ticks = new Map(); // seq -> element
  #readers = new Map(); // pane -> { name, offset, state, flag, lag }
  #due = false;

  constructor() {
    new ResizeObserver(() => this.#layOutSoon()).observe(this.#window);
  }

  /** An event stands in the log; `from` may not be known yet. */
  event(offset, from) {
    const parsed = this.#inEpoch(offset);
    if (!parsed || parsed.seq === 0) return;
    let tick = this.#ticks.get(parsed.seq);
    if (!tick) {
      tick = document.createElement("i");
      tick.className = "tick";
      if (parsed.seq % 5 === 0) tick.dataset.seq = parsed.seq;
      this.#ticks.set(parsed.seq, tick);
      this.#tape.append(tick);
    }
    if (from) tick.dataset.tone = toneOf(from);
    this.#layOutSoon();
  }

  /** A reader has come to an offset, or its connection has changed. */
  reader(pane, { name, offset, state }) {
    let reader = this.#readers.get(pane);
    if (!reader) {
      reader = { flag: document.createElement("div"), lag: document.createElement("i") };
      reader.flag.className = "flag";
      reader.lag.className = "lag";
      reader.flag.dataset.pane = reader.lag.dataset.pane = pane;
      reader.flag.hidden = reader.lag.hidden = true; // until it has a place
      this.#tape.append(reader.lag, reader.flag);
      this.#readers.set(pane, reader);
    }
    Object.assign(reader, { name, offset, state });
    this.#inEpoch(offset);
    this.#layOutSoon();
  }

  // A new epoch is a new log: the old ticks say nothing about it.
  #inEpoch(offset) {
    const parsed = parseOffset(offset);
    if (!parsed) return null;
    if (parsed.epoch !== this.#epoch) {
      if (this.#past.has(parsed.epoch)) return null;
      if (this.#epoch !== null) this.#past.add(this.#epoch);
      for (const tick of this.#ticks.values()) tick.remove();
      this.#ticks.clear();
      this.#epoch = parsed.epoch;
      this.#head = null;
    }
    if (this.#head === null || parsed.seq > this.#head) {
      this.#head = parsed.seq;
      showOffset(this.#headLabel, offset);
    }
    return parsed;
  }

  #layOutSoon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#layOut();
    });
  }

  #layOut() {
    if (this.#head === null) return;
    for (const [seq, tick] of this.#ticks) {
      if (seq > this.#head - KEPT) continue;
      tick.remove();
      this.#ticks.delete(seq);
    }
    const origin = Math.min(this.#head, ...this.#ticks.keys());
    const at = (seq) => Math.max(seq - origin + 1, 0) * PITCH + PITCH;

    // Keep the head in sight, with room for a flag to its right.
    const width = this.#window.clientWidth;
    const room = Math.min(200, width * 0.45);
    const shift = Math.min(0, Math.round(width - room - at(this.#head)));
    this.#tape.style.setProperty("--shift", `${shift}px`);
    this.#tape.style.setProperty("--length", `${at(this.#head) + width}px`);

    for (const [seq, tick] of this.#ticks) tick.style.setProperty("--x", `${at(seq)}px`);
    for (const reader of this.#readers.values()) this.#place(reader, at, shift);
    this.#describe();
  }

  #place(reader, at, shift) {
    const place = parseOffset(reader.offset);
    const known = place !== null && place.epoch === this.#epoch;
    reader.flag.hidden = !known;
    reader.lag.hidden = !known;
    if (!known) return;

    const behind = this.#head - place.seq;
    const x = Math.max(at(place.seq), 2 - shift);
    reader.flag.style.setProperty("--x", `${x}px`);
    reader.flag.dataset.tone = toneOf(reader.name);
    reader.flag.dataset.state = reader.state;
    reader.flag.replaceChildren(words("b", reader.name), words("span", String(place.seq)));
    if (behind > 0) reader.flag.append(words("em", `${behind} behind`));
    reader.lag.style.setProperty("--x", `${x}px`);
    reader.lag.style.setProperty("--width", `${Math.max(at(this.#head) - x, 0)}px`);
  }

  #describe() {
    const places = [...this.#readers.values()].map(({ name, offset, state }) => {
      const place = parseOffset(offset);
      return place ? `${name} is at ${place.seq} (${state})` : `${name} has no place yet`;
    });
    this.#window.setAttribute(
      "aria-label",
      `The log’s head is ${this.#head}. ${places.join(". ")}.`,
    );
  }
}

function words(tag, text) {
  const element = document.createElement(tag);
  element.textContent = text;
  return element;
}
