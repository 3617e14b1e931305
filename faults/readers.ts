// Those who read, and resume when they have lost their connection.
import { io, type Socket } from "socket.io-client";
import { onStuckUpgrade } from "../test/smoke/stuck-upgrade.ts";
import { CLIENT } from "./publishers.ts";
import type { Recorder } from "./recorder.ts";

/** Thrown by a listener, on purpose. */
export class ListenerError extends Error {
  override readonly name = "ListenerError";
}

export type ReaderOptions = {
  readonly url: string;
  readonly room: string;
  readonly name: string;
  readonly recorder: Recorder;
  readonly transports: ("polling" | "websocket")[];
  /** Does the app keep the offset itself, leave it to the client and its pid, or ask for all each time? */
  readonly keeps: "offset" | "pid" | "nothing";
  /** The offset that it begins with; by default `0`. */
  readonly from?: string;
  /** Its listener throws at one event in so many. */
  readonly throwsEach?: number;
};

/** So much is kept of what came last. */
const RAW = { packets: 5, characters: 500 };

export class Reader {
  readonly name: string;
  readonly #options: ReaderOptions;
  readonly #socket: Socket;
  #connection = 0;
  /** The offset of the last event it took. */
  #offset: string;
  /** Has it heard that its replay is done? */
  live = false;
  #begun = false;
  /** The last packets, as they came. */
  readonly #raw: string[] = [];

  constructor(options: ReaderOptions) {
    const { url, room, name, transports, keeps } = options;
    this.#options = options;
    this.name = name;
    this.#offset = options.from ?? "0";
    this.#socket = io(url, {
      ...CLIENT,
      path: `/rooms/${room}/socket.io`,
      transports,
      // Before the first connection there is no pid, and all is to be read.
      auth: (give) => give(keeps === "pid" && this.#begun ? {} : { offset: this.#place }),
    });
    this.#socket.on("connect", () => this.#joined());
    this.#socket.io.on("open", () => {
      this.#socket.io.engine.on("data", (data: unknown) => {
        this.#raw.push(String(data).slice(0, RAW.characters));
        if (this.#raw.length > RAW.packets) this.#raw.shift();
      });
    });
    this.#socket.on("value", (...args: unknown[]) => this.#take(args));
    this.#socket.on("whisper", (value: unknown, offset: unknown) => {
      const heard = { value: String(value), offset: String(offset) };
      options.recorder.add({ type: "overheard", ...this.#here, ...heard });
    });
    this.#socket.on("roomlog:live", ({ offset }: { offset: string }) => {
      this.live = true;
      options.recorder.add({ type: "live", ...this.#here, offset });
    });
    this.#socket.on("roomlog:gap", (gap: { first: string; head: string; reason: string }) => {
      const { first, head, reason } = gap;
      options.recorder.add({ type: "gap", ...this.#here, first, head, reason });
    });
    onStuckUpgrade(this.#socket, () => this.#socket.io.engine.close());
  }

  /** The offset of the last event that it took. */
  get offset(): string {
    return this.#offset;
  }

  /** What it comes with, unless the client does that. */
  get #place(): string {
    return this.#options.keeps === "nothing" ? "0" : this.#offset;
  }

  close(): void {
    this.#socket.disconnect();
  }

  get #here() {
    return { reader: this.name, connection: this.#connection };
  }

  #joined(): void {
    const { keeps, recorder } = this.#options;
    // What the stock client remembers, and has just sent; it has no public name.
    const { _lastOffset: own } = this.#socket as unknown as { _lastOffset?: string };
    const asked = keeps === "pid" && this.#begun ? (own ?? null) : this.#place;
    this.#begun = true;
    this.#connection++;
    recorder.add({ type: "joined", ...this.#here, asked, recovered: this.#socket.recovered });
  }

  #take(args: unknown[]): void {
    const offset = String(args.at(-1));
    const value = String(args[0]);
    const { recorder } = this.#options;
    const raw = recorder.agrees(offset, value) ? {} : { raw: [...this.#raw] };
    recorder.add({ type: "delivered", ...this.#here, value, offset, ...raw });
    const { throwsEach = Number.POSITIVE_INFINITY } = this.#options;
    const seq = Number(offset.split("-")[1]);
    if (seq % throwsEach === 0) throw new ListenerError(`thrown at ${offset}`);
    this.#offset = offset;
  }
}
