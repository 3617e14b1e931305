/** @import { BoardClient } from "./client.js" */
/** @import { NotesView } from "./notes-view.js" */

/** So long they are to be read, in milliseconds. */
const SHOWN = 8_000;

/** Says why something was refused, and offers what may help. The board itself is right already. */
export class Refusals {
  #list = /** @type {HTMLElement} */ (document.getElementById("toasts"));

  /** @param {BoardClient} client @param {NotesView} notes */
  constructor(client, notes) {
    client.addEventListener("refused", (event) => {
      const { name, wanted, code, message } = /** @type {CustomEvent} */ (event).detail;
      const text = message.slice(0, 1).toUpperCase() + message.slice(1);
      const mine = name === "edit" ? wanted?.text : undefined;
      if (mine !== undefined && code === "stale") {
        this.#say(text, "Use my text", () => client.onNote("edit", wanted.id, { text: mine }));
      } else if (mine !== undefined && code === "gone") {
        this.#say(text, "Add mine as a new note", () => notes.addText(mine));
      } else {
        this.#say(text);
      }
    });
  }

  /** @param {string} text @param {string} [label] @param {() => unknown} [action] */
  #say(text, label = "", action = () => {}) {
    const shown = [...this.#list.children].find((toast) => toast.firstChild?.textContent === text);
    shown?.remove();
    const toast = document.createElement("div");
    toast.className = "toast";
    const words = document.createElement("span");
    words.textContent = text;
    toast.append(words);
    if (label !== "") {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button";
      button.textContent = label;
      button.addEventListener("click", () => {
        toast.remove();
        action();
      });
      toast.append(button);
    }
    this.#list.append(toast);
    setTimeout(() => toast.remove(), SHOWN);
  }
}
