/** A lean Socket.IO client on a raw WebSocket: it sends and shows frames, and hides nothing. */
import { encodeBase64 } from "../../../src/protocol/base64.ts";
import { Inbox, soon } from "./inbox.ts";
import { leftOpen } from "./left-open.ts";
import { ask } from "./rooms.ts";

export type Auth = Readonly<Record<string, unknown>>;
export type Closed = { readonly code: number; readonly reason: string };
export type Joined = { readonly sid: string; readonly pid: string };
export type Event = {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly offset: string;
};

/** An event frame of the default namespace, read. */
export function readEvent(frame: string): Event {
  if (!frame.startsWith("42[")) throw new Error(`no event: ${frame.slice(0, 200)}`);
  const [name, ...args] = JSON.parse(frame.slice(2));
  return { name, offset: args.pop(), args };
}

/** Fetches as a client that asks for a WebSocket. */
export function askUpgrade(path: string, headers: Record<string, string> = {}): Promise<Response> {
  return ask(path, { headers: { upgrade: "websocket", ...headers } });
}

export function socketPath(room: string, query = "EIO=4&transport=websocket"): string {
  return `/rooms/${room}/socket.io/?${query}`;
}

export class Client {
  /** Binary ones as polling writes them: base64 behind a `b`. */
  readonly frames = new Inbox<string>();
  readonly closed: Promise<Closed>;
  isClosed = false;
  readonly #socket: WebSocket;
  #lastAck = 0;

  /** @param hangs is it never to answer a close, like a client whose network is gone? */
  constructor(socket: WebSocket, hangs = false) {
    this.#socket = socket;
    leftOpen.add(this);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", ({ data }) => {
      const bytes = data instanceof ArrayBuffer ? encodeBase64(new Uint8Array(data)) : undefined;
      this.frames.put(bytes === undefined ? String(data) : `b${bytes}`);
    });
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        this.isClosed = true;
        leftOpen.delete(this);
        resolve({ code, reason });
      });
    });
    socket.accept({ allowHalfOpen: hangs });
  }

  /** A WebSocket at `path`, before anything was said. */
  static async raw(path: string, hangs = false): Promise<Client> {
    const response = await askUpgrade(path);
    if (response.webSocket === null) {
      throw new Error(`no WebSocket: ${response.status} ${await response.text()}`);
    }
    return new Client(response.webSocket, hangs);
  }

  /** A session: the handshake's answer was taken. */
  static async open(room: string, hangs = false): Promise<Client> {
    const client = await Client.raw(socketPath(room), hangs);
    const frame = await client.frame();
    if (!frame.startsWith("0{")) throw new Error(`no handshake: ${frame}`);
    return client;
  }

  /** A session that has joined. */
  static async joined(room: string, auth?: Auth): Promise<Client & { readonly me: Joined }> {
    const client = await Client.open(room);
    return Object.assign(client, { me: await client.join(auth) });
  }

  send(...frames: (string | ArrayBuffer)[]): void {
    for (const frame of frames) this.#socket.send(frame);
  }

  close(): void {
    this.#socket.close(1000, "done");
  }

  leave(): void {
    if (!this.isClosed) this.close();
  }

  /** The next frame, whatever it is. */
  frame(): Promise<string> {
    return this.frames.next("a frame");
  }

  /** The next event. */
  async event(): Promise<Event> {
    return readEvent(await this.frame());
  }

  /** The next `count` events. */
  async events(count: number): Promise<Event[]> {
    const events: Event[] = [];
    while (events.length < count) events.push(await this.event());
    return events;
  }

  async join(auth?: Auth): Promise<Joined> {
    this.send(`40${auth ? JSON.stringify(auth) : ""}`);
    const answer = await this.frame();
    if (!answer.startsWith("40{")) throw new Error(`not joined: ${answer}`);
    return JSON.parse(answer.slice(2));
  }

  /** Emits, and gives what it is acked with; it has to be the next frame. */
  async emit(name: string, ...args: unknown[]): Promise<unknown> {
    const id = this.#lastAck++;
    this.send(`42${id}${JSON.stringify([name, ...args])}`);
    const answer = await this.frame();
    if (!answer.startsWith(`43${id}[`)) throw new Error(`no ack ${id}: ${answer.slice(0, 200)}`);
    return JSON.parse(answer.slice(answer.indexOf("[")))[0];
  }

  /** How the relay ends this connection. */
  ended(): Promise<Closed> {
    return soon(this.closed, "the relay to close the connection");
  }

  /** Takes frames up to the end of a replay, and answers the pings among them. */
  async replayed(): Promise<string[]> {
    const taken: string[] = [];
    for (;;) {
      const frame = await this.frame();
      if (frame === "2") this.send("3");
      else taken.push(frame);
      if (frame.startsWith('42["roomlog:live"')) return taken;
    }
  }

  /** What came until all that was sent before had been taken: a refused namespace is answered. */
  async settled(): Promise<string[]> {
    this.send("40/settled,");
    const refused = (frame: string) => frame.startsWith("44/settled,");
    return (await this.frames.until(refused, "the last answer")).slice(0, -1);
  }
}
