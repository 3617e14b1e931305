/** One channel's messages on the page, by their offsets: whichever way one comes, it stands once. */
import { make } from "./dom.js";
import { time, toneOf } from "./words.js";

/** Messages of one person within so many milliseconds stand under one name. */
const TOGETHER = 5 * 60_000;

export class Timeline {
  element = make("ol", { class: "timeline", "data-testid": "timeline" });
  /** May there be older messages than these? */
  more = true;
  #items = new Map();
  #removed = new Set();
  #pending = new Map();
  #actions;

  /** @param actions { mayRemove(message), remove(offset), open(nick) } */
  constructor(actions) {
    this.#actions = actions;
  }

  get size() {
    return this.#items.size;
  }

  /** The offset of the oldest message. */
  get oldest() {
    return this.#items.size === 0
      ? null
      : this.element.querySelector("[data-offset]").dataset.offset;
  }

  /** @returns false if it stood here before, or was removed */
  add(message) {
    if (this.#knows(message)) return false;
    const item = this.#item(message);
    const [firstPending] = this.#pending.values();
    this.element.insertBefore(item, firstPending ?? null);
    this.#group(item);
    return true;
  }

  /** @param messages what came before all that stands here, oldest first */
  prepend(messages) {
    const items = messages.filter((each) => !this.#knows(each)).map((each) => this.#item(each));
    this.element.prepend(...items);
    for (const item of items) this.#group(item);
    const [last] = items.slice(-1);
    if (last?.nextElementSibling) this.#group(last.nextElementSibling);
  }

  remove(offset) {
    this.#removed.add(offset);
    const item = this.#items.get(offset);
    const next = item?.nextElementSibling;
    item?.remove();
    this.#items.delete(offset);
    if (next) this.#group(next);
  }

  notice(text) {
    const item = make("li", { class: "notice", "data-testid": "notice" }, text);
    const [firstPending] = this.#pending.values();
    this.element.insertBefore(item, firstPending ?? null);
  }

  /** Shows a message that is on its way. */
  pend({ key, text }) {
    if (this.#pending.has(key)) return;
    const item = make(
      "li",
      { class: "message pending", "data-testid": "pending" },
      make("p", { class: "text" }, text),
      make("p", { class: "why" }, "sending …"),
    );
    this.#pending.set(key, item);
    this.element.append(item);
  }

  /** It is stored, and comes back from the log like everybody's. */
  settle({ key }) {
    this.#pending.get(key)?.remove();
    this.#pending.delete(key);
  }

  refuse({ key, text }, { message }) {
    this.settle({ key });
    const item = make(
      "li",
      { class: "message refused", "data-testid": "refused" },
      make("p", { class: "text" }, text),
      make("p", { class: "why" }, `Not sent: ${message}`),
      make("button", { type: "button", class: "remove", onclick: () => item.remove() }, "Dismiss"),
    );
    this.element.append(item);
  }

  /** Who is shown as a moderator may change what can be removed. */
  refreshActions() {
    for (const [offset, item] of this.#items) {
      item.querySelector(".remove").hidden = !this.#actions.mayRemove(item.message, offset);
    }
  }

  #knows({ offset }) {
    return this.#items.has(offset) || this.#removed.has(offset);
  }

  #item(message) {
    const { nick, moderator, text, at, offset } = message;
    const item = make(
      "li",
      { class: "message", "data-offset": offset, "data-testid": "message" },
      make(
        "span",
        { class: "face", "data-tone": toneOf(nick), "aria-hidden": "true" },
        [...nick][0],
      ),
      make(
        "p",
        { class: "head" },
        make(
          "button",
          {
            type: "button",
            class: "nick",
            "data-tone": toneOf(nick),
            onclick: () => this.#actions.open(nick),
          },
          nick,
        ),
        moderator ? make("span", { class: "badge" }, "moderator") : "",
        make("time", { datetime: new Date(at).toISOString() }, time(at)),
      ),
      make("p", { class: "text" }, text),
      make(
        "button",
        {
          type: "button",
          class: "remove",
          "data-testid": "remove",
          hidden: !this.#actions.mayRemove(message),
          onclick: () => this.#actions.remove(offset),
        },
        "Remove",
      ),
    );
    item.message = message;
    this.#items.set(offset, item);
    return item;
  }

  /** Hides the name where the message before is by the same person. */
  #group(item) {
    const { message } = item;
    const before = item.previousElementSibling?.message;
    if (message === undefined) return;
    const same =
      before !== undefined && before.nick === message.nick && message.at - before.at < TOGETHER;
    item.classList.toggle("follows", same);
  }
}
