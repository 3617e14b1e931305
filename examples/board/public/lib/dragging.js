import { idOf } from "./notes-view.js";

/** @import { BoardClient } from "./client.js" */
/** @import { Desk } from "./desk.js" */
/** @import { Hand } from "./hand.js" */
/** @import { NotesView } from "./notes-view.js" */

/** A pointer that moves less than this has only pressed, in pixels. */
const SLACK = 4;

/** Mouse, pen and finger: press a note to select it, drag it, press it twice to edit it. */
export class Dragging {
  #client;
  #desk;
  #hand;
  #notes;
  /** @type {{ id: string, pointer: number, start: PointerEvent, last: PointerEvent, grip: { x: number, y: number }, moves: boolean } | null} */
  #drag = null;

  /** @param {BoardClient} client @param {Desk} desk @param {Hand} hand @param {NotesView} notes */
  constructor(client, desk, hand, notes) {
    this.#client = client;
    this.#desk = desk;
    this.#hand = hand;
    this.#notes = notes;
    const { world, element } = desk;
    world.addEventListener("pointerdown", (event) => this.#press(event));
    world.addEventListener("pointermove", (event) => this.#move(event));
    world.addEventListener("pointerup", (event) => this.#release(event, true));
    world.addEventListener("pointercancel", (event) => this.#release(event, false));
    world.addEventListener("dblclick", (event) => this.#twice(event));
    element.addEventListener("pointerdown", ({ target }) => {
      if (idOf(target) === null) notes.select(null);
    });
    hand.addEventListener("lost", () => {
      this.#drag = null;
    });
  }

  /** @param {PointerEvent} event */
  #press(event) {
    const id = idOf(event.target);
    const note = id === null ? undefined : this.#client.model.get(id);
    if (note === undefined || event.button !== 0 || this.#drag !== null) return;
    if (event.target instanceof HTMLTextAreaElement) return;
    const { x, y } = this.#desk.at(event);
    const grip = { x: x - note.x, y: y - note.y };
    this.#drag = {
      ...{ id: note.id, pointer: event.pointerId, start: event, last: event, grip },
      moves: false,
    };
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    drag.last = event;
    if (drag.moves) return this.#follow();
    const far = Math.hypot(event.clientX - drag.start.clientX, event.clientY - drag.start.clientY);
    if (far < SLACK) return;
    drag.moves = true;
    this.#desk.world.setPointerCapture(drag.pointer);
    this.#hand.take(drag.id);
    this.#follow();
    this.#scroll(drag);
  }

  /** @param {PointerEvent} event @param {boolean} keep */
  #release(event, keep) {
    const drag = this.#drag;
    if (drag?.pointer !== event.pointerId) return;
    drag.last = event;
    if (drag.moves && keep) this.#follow();
    this.#drag = null;
    if (!drag.moves) return;
    if (keep) this.#hand.letGo();
    else this.#hand.cancel();
  }

  /** The note goes where the pointer is. */
  #follow() {
    const { limits } = this.#client;
    if (this.#drag === null || limits === null) return;
    const { last, grip } = this.#drag;
    const { x, y } = this.#desk.at(last);
    this.#hand.moveTo(this.#desk.within({ x: x - grip.x, y: y - grip.y }, limits.note));
  }

  /** While a note is dragged at the edge, the board scrolls on below it. @param {object} drag */
  #scroll(drag) {
    requestAnimationFrame(() => {
      if (this.#drag === null || this.#drag !== drag) return;
      this.#desk.nudge(this.#drag.last);
      this.#follow();
      this.#scroll(drag);
    });
  }

  /** @param {MouseEvent} event */
  #twice(event) {
    if (event.target instanceof HTMLTextAreaElement) return;
    const id = idOf(event.target);
    if (id === null) this.#notes.add(this.#desk.at(event));
    else this.#notes.edit(id);
  }
}
