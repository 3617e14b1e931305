/** @import { Note } from "../../src/events.ts" */

/** An event of the log, as `fold` takes it.
 *  @typedef {{ change: string, id: string, note: Note, set: Partial<Note> }} LoggedChange */

/**
 * What an event of the log does to a board: folding all of them, in order, gives the board. The
 * page, the tests and a program that only reads the log do it by these lines.
 * @param {Map<string, Note>} notes by id; changed in place
 * @param {string} name
 * @param {Partial<LoggedChange> | undefined} event
 */
export function fold(notes, name, event) {
  if (name === "created" && event?.note) notes.set(event.note.id, event.note);
  if (name === "deleted" && event?.id) notes.delete(event.id);
  if (name === "changed" && event?.id) {
    const note = notes.get(event.id);
    if (note) notes.set(event.id, { ...note, ...event.set });
  }
}
