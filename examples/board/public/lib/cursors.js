import { tone } from "./tone.js";

/** @import { BoardClient } from "./client.js" */
/** @import { Desk } from "./desk.js" */

/** One's own is told so often, in milliseconds. */
const PACE = 60;
/** One that has not moved for so long fades. */
const STILL = 6_000;

/** Everybody's pointer, where it is on the board. */
export class Cursors {
  #client;
  #world;
  /** @type {Map<string, { element: HTMLElement, timer: ReturnType<typeof setTimeout> | undefined }>} */
  #shown = new Map();

  /** @param {BoardClient} client @param {Desk} desk */
  constructor(client, desk) {
    this.#client = client;
    this.#world = desk.world;
    let told = 0;
    desk.world.addEventListener("pointermove", (event) => {
      const now = performance.now();
      if (now - told < PACE || !client.inStep) return;
      told = now;
      client.pass("cursor", desk.at(event));
    });
    client.addEventListener("cursor", (event) =>
      this.#show(/** @type {CustomEvent} */ (event).detail),
    );
    client.addEventListener("people", () => {
      for (const id of this.#shown.keys()) if (!client.people.has(id)) this.#remove(id);
    });
  }

  /** @param {{ id: string, x: number, y: number }} cursor */
  #show({ id, x, y }) {
    const name = this.#client.people.get(id);
    if (name === undefined) return;
    const cursor = this.#shown.get(id) ?? this.#make(id);
    cursor.element.style.translate = `${x}px ${y}px`;
    cursor.element.dataset.name = name;
    cursor.element.classList.remove("still");
    clearTimeout(cursor.timer);
    cursor.timer = setTimeout(() => cursor.element.classList.add("still"), STILL);
  }

  /** @param {string} id */
  #make(id) {
    const element = document.createElement("div");
    element.className = "cursor";
    element.dataset.testid = "cursor";
    element.dataset.tone = tone(id);
    element.setAttribute("aria-hidden", "true");
    this.#world.append(element);
    const cursor = { element, timer: undefined };
    this.#shown.set(id, cursor);
    return cursor;
  }

  /** @param {string} id */
  #remove(id) {
    const cursor = this.#shown.get(id);
    clearTimeout(cursor?.timer);
    cursor?.element.remove();
    this.#shown.delete(id);
  }
}
