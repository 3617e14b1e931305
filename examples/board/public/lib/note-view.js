import { tone } from "./tone.js";

/** @import { Note } from "../../src/events.ts" */

/** How it is seen beside what the log says.
 *  @typedef {{ place: { x: number, y: number }, holder: { socket: string, name: string } | undefined,
 *    held: boolean, selected: boolean }} Look */

/** Text up to so many characters is shown large, or middling. */
const [SHORT, MIDDLING] = [50, 130];

/** One note's element. */
export class NoteView {
  element = document.createElement("article");
  #text = document.createElement("p");
  #by = document.createElement("p");
  #holder = document.createElement("p");
  /** Ends the editing without keeping the text. @type {(() => void) | null} */
  #stop = null;

  /** @param {string} id @param {{ width: number, height: number }} size */
  constructor(id, { width, height }) {
    const { element } = this;
    element.className = "note";
    element.dataset.id = id;
    element.dataset.testid = "note";
    element.tabIndex = 0;
    element.setAttribute("aria-describedby", "help");
    element.style.width = `${width}px`;
    element.style.height = `${height}px`;
    this.#text.className = "text";
    this.#by.className = "by";
    this.#holder.className = "holder";
    element.append(this.#text, this.#by, this.#holder);
  }

  get editing() {
    return this.#stop !== null;
  }

  /** @param {Note} note @param {Look} look */
  show({ text, colour, z, by }, { place, holder, held, selected }) {
    const { element } = this;
    element.style.translate = `${place.x}px ${place.y}px`;
    element.style.zIndex = String(held ? 1_000_000 : z + 500_000);
    element.dataset.colour = colour;
    element.dataset.size = text.length <= SHORT ? "large" : text.length <= MIDDLING ? "" : "small";
    element.classList.toggle("held", held);
    element.classList.toggle("selected", selected);
    element.classList.toggle("taken", holder !== undefined);
    element.setAttribute("aria-label", label(text, by, holder?.name));
    this.#text.textContent = text;
    this.#by.textContent = by;
    this.#holder.textContent = holder?.name ?? "";
    if (holder) this.#holder.dataset.tone = tone(holder.socket);
  }

  /**
   * Lets the text be edited, until the field is left.
   * @param {string} text
   * @param {number} longest
   * @param {(text: string | null) => void} done gets null if it was cancelled
   */
  edit(text, longest, done) {
    if (this.editing) return;
    const editor = document.createElement("textarea");
    editor.className = "editor";
    editor.dataset.testid = "editor";
    editor.value = text;
    editor.maxLength = longest;
    editor.setAttribute("aria-label", "Text of the note");
    const end = (/** @type {boolean} */ keep, /** @type {boolean} */ back) => {
      if (!this.editing) return;
      this.#stop = null;
      editor.remove();
      if (back) this.element.focus();
      done(keep && editor.value !== text ? editor.value : null);
    };
    this.#stop = () => end(false, true);
    editor.addEventListener("blur", () => end(true, false));
    editor.addEventListener("keydown", (event) => {
      const { key, ctrlKey, metaKey } = event;
      event.stopPropagation();
      if (key === "Escape") end(false, true);
      if (key === "Enter" && (ctrlKey || metaKey)) end(true, true);
    });
    this.element.append(editor);
    editor.focus();
    editor.select();
  }

  stopEditing() {
    this.#stop?.();
  }
}

/** @param {string} text @param {string} by @param {string | undefined} holder */
function label(text, by, holder) {
  const held = holder === undefined ? "" : `, held by ${holder}`;
  return `${text === "" ? "Empty note" : text}, by ${by}${held}`;
}
