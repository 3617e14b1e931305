/**
 * Messages that are not known to be stored. Each has a key, so that it can be sent again and again
 * (after a lost connection, in a reloaded page) and is posted once.
 */
import { randomId, remember, remembered } from "./memory.js";

/** How long an answer may take before a message is sent again, in milliseconds. */
const PATIENCE = 5_000;

export class Outbox {
  #name;
  #entries;
  #ports;
  #sending = new Set();

  /** @param ports { socket(), stored(entry), refused(entry, error) } */
  constructor(room, ports) {
    this.#name = `outbox.${room}`;
    this.#entries = remembered(this.#name, [], sessionStorage);
    this.#ports = ports;
  }

  get entries() {
    return this.#entries;
  }

  add(channel, text) {
    const entry = { key: randomId(), channel, text };
    this.#keep([...this.#entries, entry]);
    this.flush();
    return entry;
  }

  /** Sends what is not on its way. */
  flush() {
    for (const entry of this.#entries) this.#send(entry);
  }

  #send(entry) {
    const { key, channel, text } = entry;
    const socket = this.#ports.socket();
    if (!socket?.connected || this.#sending.has(key)) return;
    this.#sending.add(key);
    const args = [{ channel, text }, { idempotencyKey: key }];
    socket.timeout(PATIENCE).emit("say", ...args, (error, answer) => {
      this.#sending.delete(key);
      if (error) {
        // Nobody knows whether it arrived. If there is no connection, the next one flushes.
        this.#send(entry);
        return;
      }
      this.#keep(this.#entries.filter((other) => other !== entry));
      if (answer.error) this.#ports.refused(entry, answer.error);
      else this.#ports.stored(entry);
    });
  }

  #keep(entries) {
    this.#entries = entries;
    remember(this.#name, entries, sessionStorage);
  }
}
