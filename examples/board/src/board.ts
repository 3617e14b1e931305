/**
 * The rules of the board: what a change does to the table, and the event that tells it. Each method
 * checks all, then writes, then returns the event, so that whoever relays it in the same
 * transaction has table and log agree.
 */
import type * as v from "valibot";
import { type Changes, LIMITS, type Note } from "./events.ts";
import { History } from "./history.ts";
import { Locks } from "./locks.ts";
import { Notes } from "./notes.ts";
import { Refused } from "./refused.ts";
import type { Create, Delete, Edit, Move, Stack } from "./wanted.ts";

/** Who changes the board, and the id of the change. */
export type Author = {
  readonly identity: string;
  readonly socket: string;
  readonly name: string;
  readonly change: string;
};

/** The event that tells a change. */
export type Told = {
  [N in keyof Changes]: { readonly name: N; readonly args: Parameters<Changes[N]> };
}[keyof Changes];

export class Board {
  readonly notes: Notes;
  readonly locks: Locks;
  readonly #history: History;

  constructor(sql: SqlStorage) {
    this.notes = new Notes(sql);
    this.locks = new Locks(sql);
    this.#history = new History(sql);
  }

  create(author: Author, wanted: v.InferOutput<typeof Create>): Told {
    if (this.notes.get(wanted.id)) throw new Refused("exists", "there is a note with this id");
    this.#needSpace();
    const { change: version, name: by } = author;
    const note = { ...wanted, z: this.notes.above, version, by };
    this.#remember(author, note.id, version, null);
    return this.#create(author, note);
  }

  /** A note that is moved comes to lie on top. */
  move(author: Author, { id, base, x, y }: v.InferOutput<typeof Move>): Told {
    const note = this.#free(author, id, base);
    return this.#set(author, note, { x, y, z: this.#raised(note) });
  }

  edit(author: Author, { id, base, text, colour }: v.InferOutput<typeof Edit>): Told {
    const note = this.#free(author, id, base);
    return this.#set(author, note, {
      ...(text !== undefined && { text }),
      ...(colour && { colour }),
    });
  }

  stack(author: Author, { id, base, to }: v.InferOutput<typeof Stack>): Told {
    const note = this.#free(author, id, base);
    return this.#set(author, note, { z: to === "front" ? this.#raised(note) : this.notes.below });
  }

  delete(author: Author, { id, base }: v.InferOutput<typeof Delete>): Told {
    const note = this.#free(author, id, base);
    this.#remember(author, id, null, note);
    return this.#delete(author, note);
  }

  /** Puts a note back into the state that it had before the author's last change. */
  undo(author: Author): Told {
    const last = this.#history.newest(author.identity);
    if (last === undefined) throw new Refused("nothing_to_undo", "you have changed nothing");
    const now = this.notes.get(last.note);
    if ((now?.version ?? null) !== last.version) {
      throw new Refused("stale", "somebody else has changed the note since", now);
    }
    this.#assertFree(author, last.note);
    if (now === undefined) this.#needSpace();
    this.#history.remove(last);
    const { before } = last;
    if (before === null) return this.#delete(author, { id: last.note });
    if (now === undefined) return this.#create(author, before);
    this.notes.put(before);
    const { id, ...set } = before;
    return { name: "changed", args: [{ change: author.change, id, set }] };
  }

  // --- What a change needs ---------------------------------------------------------------------

  /**
   * The note, if this author may change it.
   * @param base the version that the author has seen: the conflict rule
   */
  #free(author: Author, id: string, base: string): Note {
    const note = this.notes.get(id);
    if (note === undefined) throw new Refused("gone", "the note has been deleted");
    this.#assertFree(author, id, note);
    if (note.version !== base) {
      throw new Refused("stale", `${note.by} has changed the note meanwhile`, note);
    }
    return note;
  }

  #assertFree({ socket }: Author, id: string, note?: Note): void {
    const lock = this.locks.of(id);
    if (lock === undefined || lock.socket === socket) return;
    throw new Refused("locked", `${lock.name} is holding the note`, note);
  }

  #needSpace(): void {
    if (this.notes.count < LIMITS.notes) return;
    throw new Refused("board_full", `a board has ${LIMITS.notes} notes at most`);
  }

  #raised({ z }: Note): number {
    const { above } = this.notes;
    return above === z + 1 ? z : above;
  }

  // --- What it does ----------------------------------------------------------------------------

  #create({ change }: Author, note: Note): Told {
    this.notes.put(note);
    return { name: "created", args: [{ change, note }] };
  }

  #set(author: Author, note: Note, some: Partial<Note>): Told {
    const { change } = author;
    const set = { ...some, version: change, by: author.name };
    this.#remember(author, note.id, change, note);
    this.notes.put({ ...note, ...set });
    return { name: "changed", args: [{ change, id: note.id, set }] };
  }

  #delete({ change, name: by }: Author, { id }: { readonly id: string }): Told {
    this.notes.delete(id);
    return { name: "deleted", args: [{ change, id, by }] };
  }

  #remember({ identity }: Author, note: string, version: string | null, before: Note | null): void {
    this.#history.add(identity, { note, version, before });
  }
}
