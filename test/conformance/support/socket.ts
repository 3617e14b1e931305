/** A WebSocket of Engine.IO, frame by frame. Binary ones are shown as `Uint8Array`s. */
import { Inbox, soon } from "../../workerd/support/inbox.ts";
import type { Endpoint } from "./http.ts";
import { type Opened, readOpen } from "./polling.ts";

export type Frame = string | Uint8Array;

export type Closed = { readonly code: number; readonly reason: string };

export function isClosed(item: Frame | Closed): item is Closed {
  return typeof item === "object" && "code" in item;
}

export class RawSocket {
  readonly closed: Promise<Closed>;
  /** How many pings were answered. */
  pings = 0;
  readonly #arrived = new Inbox<Frame | Closed>();
  readonly #socket: WebSocket;
  readonly #open: Promise<void>;
  #isClosed = false;

  /** @param pings are they shown, and left to the test to answer? */
  constructor(endpoint: Endpoint, query: string, pings: "answered" | "shown" = "answered") {
    this.#socket = new WebSocket(`${endpoint.replace(/^http/, "ws")}?${query}`);
    this.#socket.binaryType = "arraybuffer";
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<Closed>();
    this.#open = opened.promise;
    this.closed = closed.promise;
    opened.promise.catch(() => {});
    this.#socket.addEventListener("open", () => opened.resolve());
    this.#socket.addEventListener("close", ({ code, reason }) => {
      this.#isClosed = true;
      opened.reject(new Error(`closed with ${code} before it was open`));
      closed.resolve({ code, reason });
      this.#arrived.put({ code, reason });
    });
    this.#socket.addEventListener("message", ({ data }) => {
      const frame: Frame = typeof data === "string" ? data : new Uint8Array(data);
      if (frame !== "2" || pings === "shown") {
        this.#arrived.put(frame);
        return;
      }
      this.pings++;
      this.send("3");
    });
  }

  /** A WebSocket that is open, before anything was said. */
  static async open(endpoint: Endpoint, query: string): Promise<RawSocket> {
    const socket = new RawSocket(endpoint, query);
    await soon(socket.#open, "the WebSocket to open");
    return socket;
  }

  /** A session of its own: the handshake has been taken. */
  static async session(
    endpoint: Endpoint,
    pings?: "answered" | "shown",
  ): Promise<RawSocket & { readonly opened: Opened }> {
    const socket = new RawSocket(endpoint, "EIO=4&transport=websocket", pings);
    await soon(socket.#open, "the WebSocket to open");
    return Object.assign(socket, { opened: readOpen(await socket.text()) });
  }

  /** Does nothing to one that is closed. */
  send(...frames: Frame[]): void {
    for (const frame of frames) {
      if (!this.#isClosed) this.#socket.send(frame as string | Uint8Array<ArrayBuffer>);
    }
  }

  close(): void {
    this.#socket.close();
  }

  /** The next frame, or how it was closed. */
  next(): Promise<Frame | Closed> {
    return this.#arrived.next("a frame");
  }

  /** The next frame; throws if it is closed instead. */
  async frame(): Promise<Frame> {
    const next = await this.next();
    if (isClosed(next)) throw new Error(`closed with ${next.code} (${next.reason})`);
    return next;
  }

  /** All frames so far. */
  get seen(): Frame[] {
    return this.#arrived.seen.filter((item): item is Frame => !isClosed(item));
  }

  async text(): Promise<string> {
    const frame = await this.frame();
    if (typeof frame !== "string") throw new Error(`a binary frame: ${frame}`);
    return frame;
  }

  /** How the server closes it. */
  ended(): Promise<Closed> {
    return soon(this.closed, "the server to close the WebSocket");
  }
}
