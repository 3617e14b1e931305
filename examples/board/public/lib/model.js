import { fold } from "./fold.js";

/** @import { Note } from "../../src/events.ts" */
/** @import { LoggedChange } from "./fold.js" */

/** What a request for a change says. @typedef {Partial<Note> & { base?: string, to?: string }} Wanted */

/** A change of one's own that the room has not answered.
 *  @typedef {{ key: string, name: string, wanted: Wanted }} Pending */

/**
 * The board as this client shows it: what the log says, and on top of it one's own changes that are
 * on their way. Those vanish with their answer, so a refused one is put right by itself.
 */
export class Model {
  /** What the log says. @type {Map<string, Note>} */
  #notes = new Map();
  /** @type {Pending[]} */
  #pending = [];
  /** @type {Map<string, Note> | null} */
  #shown = null;

  /** Starts again, from a snapshot. @param {readonly Note[]} notes */
  reset(notes) {
    this.#notes = new Map(notes.map((note) => [note.id, note]));
    this.#shown = null;
  }

  /**
   * Takes an event of the log.
   * @param {string} name
   * @param {Partial<LoggedChange> | undefined} event
   */
  fold(name, event) {
    fold(this.#notes, name, event);
    this.end(event?.change);
  }

  /** @param {Pending} change */
  begin(change) {
    this.#pending.push(change);
    this.#shown = null;
  }

  /** The change was answered, or came back by the log. @param {string | undefined} key */
  end(key) {
    this.#pending = this.#pending.filter((change) => change.key !== key);
    this.#shown = null;
  }

  /** How many changes are on their way. */
  get pending() {
    return this.#pending.length;
  }

  /** What the log says, for comparison. @returns {Note[]} */
  get confirmed() {
    return sorted(this.#notes);
  }

  /** What is to be seen, from bottom to top. @returns {Note[]} */
  get notes() {
    return sorted(this.#overlaid);
  }

  /** @param {string} id */
  get(id) {
    return this.#overlaid.get(id);
  }

  get #overlaid() {
    if (this.#shown === null) {
      this.#shown = new Map(this.#notes);
      for (const change of this.#pending) overlay(this.#shown, change);
    }
    return this.#shown;
  }
}

/** @param {Map<string, Note>} notes */
function sorted(notes) {
  return [...notes.values()].sort((a, b) => a.z - b.z || (a.id < b.id ? -1 : 1));
}

/**
 * What the room will make of a change, if it accepts it.
 * @param {Map<string, Note>} notes
 * @param {Pending} change
 */
function overlay(notes, { key, name, wanted }) {
  const { id = "", base, to, ...set } = wanted;
  if (name === "create") {
    const z = highest(notes) + 1;
    notes.set(id, { text: "", x: 0, y: 0, colour: "yellow", by: "", ...set, id, z, version: key });
  }
  const note = notes.get(id);
  // Made against another version it will be refused: better not shown at all.
  if (note === undefined || note.version !== base) return;
  if (name === "delete") notes.delete(id);
  else notes.set(id, { ...note, ...set, z: zOf(notes, note, name, to), version: key });
}

/**
 * @param {Map<string, Note>} notes
 * @param {Note} note
 * @param {string} name
 * @param {string | undefined} to
 */
function zOf(notes, note, name, to) {
  if (to === "back") return Math.min(...[...notes.values()].map(({ z }) => z)) - 1;
  return name === "move" || to === "front" ? Math.max(note.z, highest(notes) + 1) : note.z;
}

/** @param {Map<string, Note>} notes */
function highest(notes) {
  return Math.max(0, ...[...notes.values()].map(({ z }) => z));
}
