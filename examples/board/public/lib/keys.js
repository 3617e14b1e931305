/** @import { Actions } from "./actions.js" */
/** @import { Hand } from "./hand.js" */
/** @import { NotesView } from "./notes-view.js" */

/** A note that the arrow keys move is put down when they have rested so long, in milliseconds. */
const REST = 700;

/** @type {Record<string, readonly [number, number]>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const STEP = 12;

/** All that can be done without a pointer. */
export class Keys {
  #hand;
  #notes;
  #actions;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rest;

  /** @param {Hand} hand @param {NotesView} notes @param {Actions} actions */
  constructor(hand, notes, actions) {
    this.#hand = hand;
    this.#notes = notes;
    this.#actions = actions;
    document.addEventListener("keydown", (event) => this.#pressed(event));
    document.getElementById("world")?.addEventListener("focusout", () => this.#putDown());
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    const { key, ctrlKey, metaKey, altKey, target } = event;
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return;
    if ((ctrlKey || metaKey) && key.toLowerCase() === "z") this.#actions.do("undo");
    else if (ctrlKey || metaKey || altKey) return;
    else if (key.toLowerCase() === "n") this.#actions.do("add");
    else if (!this.#onNote(event)) return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event @returns whether it was one of a note's keys */
  #onNote({ key, shiftKey, target }) {
    const id = target instanceof HTMLElement ? target.dataset.id : undefined;
    if (id === undefined) return false;
    const arrow = ARROWS[key];
    if (arrow) this.#step(id, arrow, shiftKey ? STEP * 5 : STEP);
    else if (key === "Escape") this.#hand.cancel();
    else if (key === "Enter" || key === "F2") this.#actions.do("edit");
    else if (key === "Delete" || key === "Backspace") this.#actions.do("delete");
    else if (key === "]") this.#actions.do("front");
    else if (key === "[") this.#actions.do("back");
    else return false;
    return true;
  }

  /** @param {string} id @param {readonly [number, number]} direction @param {number} step */
  #step(id, [x, y], step) {
    clearTimeout(this.#rest);
    this.#actions.shift(id, this.#hand, { x: x * step, y: y * step });
    this.#rest = setTimeout(() => this.#putDown(), REST);
  }

  #putDown() {
    clearTimeout(this.#rest);
    // What is edited is held until the field is left.
    if (!this.#notes.editing) this.#hand.letGo();
  }
}
