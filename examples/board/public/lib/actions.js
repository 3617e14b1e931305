/** @import { BoardClient } from "./client.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Hand } from "./hand.js" */
/** @import { NotesView } from "./notes-view.js" */

/** What can be done to the board and to the selected note, by the buttons below and by keys. */
export class Actions {
  #client;
  #desk;
  #notes;
  #bar = /** @type {HTMLElement} */ (document.getElementById("selected"));
  #swatches = /** @type {HTMLElement} */ (document.getElementById("swatches"));

  /** @param {BoardClient} client @param {Desk} desk @param {NotesView} notes */
  constructor(client, desk, notes) {
    this.#client = client;
    this.#desk = desk;
    this.#notes = notes;
    for (const button of document.querySelectorAll("[data-do]")) {
      // The note keeps the focus, so that the keys go on working on it.
      button.addEventListener("pointerdown", (event) => event.preventDefault());
      button.addEventListener("click", () =>
        this.do(/** @type {HTMLElement} */ (button).dataset.do ?? ""),
      );
    }
    notes.addEventListener("selected", () => this.#show());
    for (const what of ["notes", "state"]) client.addEventListener(what, () => this.#show());
  }

  /** @param {string} what */
  do(what) {
    const id = this.#notes.selected;
    if (what === "add") this.#notes.add(this.#desk.middle);
    else if (what === "undo") void this.#client.undo();
    else if (what === "larger") this.#desk.zoom(1);
    else if (what === "smaller") this.#desk.zoom(-1);
    else if (id === null) return;
    else if (what === "edit") this.#notes.edit(id);
    else if (what === "delete") void this.#client.onNote("delete", id);
    else void this.#client.onNote("stack", id, { to: what });
  }

  /** Moves a held note by so much. @param {string} id @param {Hand} hand @param {{ x: number, y: number }} by */
  shift(id, hand, { x, y }) {
    const { limits, model } = this.#client;
    hand.take(id);
    const from = hand.placeOf(id) ?? model.get(id);
    if (limits === null || from === undefined) return;
    const place = this.#desk.within({ x: from.x + x, y: from.y + y }, limits.note);
    hand.moveTo(place);
    this.#desk.reveal({ ...place, ...limits.note });
  }

  #show() {
    const id = this.#notes.selected;
    const note = id === null ? undefined : this.#client.model.get(id);
    this.#bar.hidden = note === undefined;
    if (note === undefined) return;
    if (this.#swatches.childElementCount === 0) this.#makeSwatches();
    for (const swatch of this.#swatches.children) {
      const { colour } = /** @type {HTMLElement} */ (swatch).dataset;
      swatch.setAttribute("aria-pressed", String(colour === note.colour));
    }
  }

  #makeSwatches() {
    for (const colour of this.#client.limits?.colours ?? []) {
      const swatch = document.createElement("button");
      swatch.type = "button";
      swatch.className = "swatch";
      swatch.dataset.colour = colour;
      swatch.setAttribute("aria-label", colour);
      swatch.addEventListener("pointerdown", (event) => event.preventDefault());
      swatch.addEventListener("click", () => {
        const id = this.#notes.selected;
        if (id !== null) void this.#client.onNote("edit", id, { colour });
      });
      this.#swatches.append(swatch);
    }
  }
}
