import { parseOffset } from "../lib/offset.js";

const KEPT = 300;

/**
 * What this pane remembers over a page load: the offset it has read up to,
 * the lines it shows, and the messages that are not acknowledged yet. All of it
 * is one record, so a line and the offset behind it are stored together.
 *
 * A line is a message `{ kind, from, text, offset, own, replayed, … }` or a
 * notice `{ kind, text, place }`, which stands behind the event at its place.
 */
export class Notebook {
  constructor(room, pane, fresh) {
    this.storageKey = `roomlog:${room}:${pane}`;
    this.isNew = true;
    this.record = { offset: null, epochs: [], lines: [], ...fresh };
    try {
      const stored = JSON.parse(sessionStorage.getItem(this.storageKey));
      if (stored) {
        this.record = stored;
        this.isNew = false;
      }
    } catch {
      // Storage may be off or the record unreadable: then this is a first visit.
    }
  }

  get offset() {
    return this.record.offset;
  }

  /** Lines in log order; what has no offset yet comes last. */
  get lines() {
    return this.record.lines;
  }

  reached(offset) {
    if (parseOffset(offset)) this.record.offset = offset;
  }

  /** Adds a line, or gives back the message already shown at that offset. */
  add(line) {
    const shown = line.offset && this.lines.find(({ offset }) => offset === line.offset);
    if (shown) return shown;
    this.lines.push(line);
    this.#sort();
    return line;
  }

  /** An own message got its offset. A replay may have brought it already. */
  settle(message, offset, duplicate) {
    const shown = this.lines.find((line) => line !== message && line.offset === offset);
    if (shown) this.lines.splice(this.lines.indexOf(message), 1);
    Object.assign(shown ?? message, { offset, own: true, status: "stored", duplicate });
    this.#sort();
  }

  /** Where this reader stands: what came, and own events with no hole before
   *  them (those are not sent back to their sender). */
  get place() {
    const place = parseOffset(this.offset);
    if (!place) return null;
    const known = new Set(this.lines.map(({ offset }) => offset));
    let { seq } = place;
    while (known.has(`${place.epoch}-${seq + 1}`)) seq += 1;
    return `${place.epoch}-${seq}`;
  }

  save() {
    this.lines.splice(0, Math.max(this.lines.length - KEPT, 0));
    try {
      sessionStorage.setItem(this.storageKey, JSON.stringify(this.record));
    } catch {
      // No room or no storage: the pane goes on, only a reload forgets.
    }
  }

  #sort() {
    const rank = new Map(this.lines.map((line) => [line, this.#rank(line)]));
    this.lines.sort((a, b) => {
      const [x, y] = [rank.get(a), rank.get(b)];
      return x.epoch - y.epoch || x.seq - y.seq;
    });
  }

  #rank({ kind, offset, place }) {
    const parsed = parseOffset(kind === "notice" ? place : offset);
    // The sort is stable, so notices at one place keep their order.
    if (!parsed) return { epoch: kind === "notice" ? -1 : Infinity, seq: 0 };
    const { epochs } = this.record;
    if (!epochs.includes(parsed.epoch)) epochs.push(parsed.epoch);
    return {
      epoch: epochs.indexOf(parsed.epoch),
      seq: kind === "notice" ? parsed.seq + 0.5 : parsed.seq,
    };
  }
}
