// Somebody in the chat, with the stock client.
import { io, type Socket } from "socket.io-client";
import type { Message } from "../../src/events.ts";

export type VisitorOptions = {
  readonly nick: string;
  readonly room: string;
  readonly channels?: readonly string[];
  /** By which the person is known again; one of their own if none is given. */
  readonly clientId?: string;
  readonly moderator?: string;
  readonly rewind?: number;
  readonly offset?: string;
};

/** An event that came, with what stands last in it: its offset. */
export type Seen = { readonly name: string; readonly what: unknown; readonly offset: string };

export class Visitor {
  readonly socket: Socket;
  readonly clientId: string;
  readonly seen: Seen[] = [];
  readonly #changed = new Set<() => void>();

  constructor(url: string, { room, ...options }: VisitorOptions) {
    this.clientId = options.clientId ?? crypto.randomUUID();
    this.socket = io(url, {
      path: `/rooms/${room}/socket.io`,
      forceNew: true,
      auth: { channels: ["general"], ...options, clientId: this.clientId },
      // A restart takes a moment; nobody waits for longer than need be.
      reconnectionDelay: 100,
      reconnectionDelayMax: 100,
    });
    this.socket.onAny((name: string, what: unknown, offset: string) => {
      this.seen.push({ name, what, offset });
      for (const look of this.#changed) look();
    });
  }

  /** Resolves when it is in; rejects if it is refused. */
  connected(): Promise<void> {
    const { socket } = this;
    if (socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      socket.once("connect", resolve);
      void this.refused().then(reject);
    });
  }

  /** Resolves with why the room does not let it in. */
  refused(): Promise<Error & { data?: unknown }> {
    const { socket } = this;
    return new Promise((resolve) => {
      socket.on("connect_error", (error) => {
        // One that was not refused, but could not get through, tries again by itself.
        if (!socket.active) resolve(error);
      });
    });
  }

  /** Waits for an event, if it has not come before. */
  until<T>(name: string, is: (what: T) => boolean = () => true): Promise<T> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.seen.find((event) => event.name === name && is(event.what as T));
        if (found === undefined) return;
        this.#changed.delete(look);
        resolve(found.what as T);
      };
      this.#changed.add(look);
      look();
    });
  }

  /** Waits for a message with this text. */
  hears(text: string): Promise<Message> {
    return this.until<Message>("message", (message) => message.text === text);
  }

  /** The texts of the messages that came, in the order in which they came. */
  get texts(): string[] {
    return this.seen
      .filter(({ name }) => name === "message")
      .map(({ what }) => (what as Message).text);
  }

  offsetOf(text: string): string {
    const found = this.seen.find(({ what }) => (what as Message | undefined)?.text === text);
    if (found === undefined) throw new Error(`${text} has not come`);
    return found.offset;
  }

  say(text: string, channel = "general", ...key: { idempotencyKey: string }[]): Promise<unknown> {
    return this.ask("say", { channel, text }, ...key);
  }

  ask(event: string, ...args: unknown[]): Promise<unknown> {
    return this.socket.emitWithAck(event, ...args);
  }
}
