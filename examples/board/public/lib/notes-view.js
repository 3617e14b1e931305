import { NoteView } from "./note-view.js";

/** @import { BoardClient } from "./client.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Hand } from "./hand.js" */

/** A new note is laid so far beside one that lies at the same place. */
const BESIDE = 28;

/** All notes on the desk. It says `selected` when another one is. */
export class NotesView extends EventTarget {
  #client;
  #desk;
  #hand;
  /** @type {Map<string, NoteView>} */
  #views = new Map();
  /** Where others' hands have notes. @type {Map<string, { x: number, y: number, version: string | undefined }>} */
  #dragged = new Map();
  /** @type {string | null} */
  #selected = null;
  /** A note of one's own that is to be edited once it is there. @type {string | null} */
  #fresh = null;
  #found = false;
  #due = false;

  /** @param {BoardClient} client @param {Desk} desk @param {Hand} hand */
  constructor(client, desk, hand) {
    super();
    this.#client = client;
    this.#desk = desk;
    this.#hand = hand;
    for (const what of ["notes", "locks", "state"])
      client.addEventListener(what, () => this.#soon());
    for (const what of ["moved", "lost"]) hand.addEventListener(what, () => this.#soon());
    hand.addEventListener("lost", (event) => {
      this.#views.get(/** @type {CustomEvent} */ (event).detail)?.stopEditing();
    });
    client.addEventListener("drag", (event) =>
      this.#drag(/** @type {CustomEvent} */ (event).detail),
    );
    desk.world.addEventListener("focusin", ({ target }) => this.select(idOf(target)));
  }

  get selected() {
    return this.#selected;
  }

  /** @param {string | null} id */
  select(id) {
    if (id === this.#selected) return;
    this.#selected = id;
    this.dispatchEvent(new Event("selected"));
    this.#soon();
  }

  /** @param {string} id */
  focus(id) {
    this.#views.get(id)?.element.focus();
  }

  /** Is the text of some note being edited? */
  get editing() {
    return [...this.#views.values()].some((view) => view.editing);
  }

  /** Adds a note and lets its text be written. @param {{ x: number, y: number }} place its middle */
  add(place) {
    this.#fresh = this.#create("", place);
    this.#show();
  }

  /** Adds a note with this text, in the middle of what is seen. @param {string} text */
  addText(text) {
    this.#create(text, this.#desk.middle);
  }

  /** @param {string} id */
  edit(id) {
    const note = this.#client.model.get(id);
    const { limits } = this.#client;
    if (note === undefined || limits === null) return;
    this.#hand.take(id);
    const { base } = this.#hand;
    if (base === undefined) return;
    this.#views.get(id)?.edit(note.text, limits.text, (text) => {
      // Against the version that was there when the editing began.
      if (text !== null) void this.#client.onNote("edit", id, { base, text });
      this.#hand.letGo();
    });
  }

  /** @param {string} text @param {{ x: number, y: number }} middle @returns {string | null} its id */
  #create(text, { x, y }) {
    const { limits, model } = this.#client;
    const colour = limits?.colours[model.notes.length % limits.colours.length];
    if (limits === null || colour === undefined) return null;
    const { width, height } = limits.note;
    const lies = (/** @type {{ x: number, y: number }} */ at) =>
      model.notes.some((note) => note.x === at.x && note.y === at.y);
    let corner = this.#desk.within({ x: x - width / 2, y: y - height / 2 }, limits.note);
    for (let tries = 0; lies(corner) && tries < limits.notes; tries++) {
      corner = this.#desk.within({ x: corner.x + BESIDE, y: corner.y + BESIDE }, limits.note);
    }
    return this.#client.create({ text, colour, ...corner });
  }

  /** @param {{ id: string, x: number, y: number }} drag */
  #drag({ id, x, y }) {
    this.#dragged.set(id, { x, y, version: this.#client.model.get(id)?.version });
    this.#soon();
  }

  /** Once for all that comes before the next frame. */
  #soon() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#show();
    });
  }

  #show() {
    const { model, limits, locks, socket } = this.#client;
    if (limits === null) return;
    this.#desk.size = limits.board;
    const { notes } = model;
    const there = new Set(notes.map(({ id }) => id));
    for (const [id, view] of this.#views) if (!there.has(id)) this.#remove(id, view);
    for (const note of notes) {
      const { id, version } = note;
      const lock = locks.of(id);
      const holder = lock?.socket === socket.id ? undefined : lock;
      const dragged = this.#dragged.get(id);
      // It was put down, or let go.
      if (dragged && (holder === undefined || dragged.version !== version))
        this.#dragged.delete(id);
      const place = this.#hand.placeOf(id) ?? this.#dragged.get(id) ?? note;
      const held = this.#hand.holds(id);
      this.#viewOf(id, limits.note).show(note, {
        place,
        holder,
        held,
        selected: id === this.#selected,
      });
    }
    this.#showEmpty(notes.length === 0);
    this.#begin();
  }

  /** @param {boolean} empty */
  #showEmpty(empty) {
    const hint = document.getElementById("empty");
    if (hint) hint.hidden = !(empty && this.#client.inStep);
  }

  /** What is to be done when something is there for the first time. */
  #begin() {
    const { model, inStep } = this.#client;
    const fresh = this.#fresh;
    if (fresh !== null && model.get(fresh)) {
      this.#fresh = null;
      this.focus(fresh);
      this.edit(fresh);
    }
    if (this.#found || !inStep) return;
    this.#found = true;
    const { limits } = this.#client;
    const top = model.notes.at(-1);
    if (top && limits) {
      this.#desk.centre({ x: top.x + limits.note.width / 2, y: top.y + limits.note.height / 2 });
    } else if (limits) {
      this.#desk.centre({ x: limits.board.width / 2, y: limits.board.height / 2 });
    }
  }

  /** @param {string} id @param {{ width: number, height: number }} size */
  #viewOf(id, size) {
    const known = this.#views.get(id);
    if (known) return known;
    const view = new NoteView(id, size);
    this.#views.set(id, view);
    this.#desk.world.append(view.element);
    return view;
  }

  /** @param {string} id @param {NoteView} view */
  #remove(id, view) {
    view.element.remove();
    this.#views.delete(id);
    if (this.#hand.holds(id)) this.#hand.cancel();
    if (this.#selected === id) this.select(null);
  }
}

/** The note that an element belongs to. @param {EventTarget | null} target @returns {string | null} */
export function idOf(target) {
  const note = target instanceof Element ? target.closest(".note") : null;
  return note instanceof HTMLElement ? (note.dataset.id ?? null) : null;
}
