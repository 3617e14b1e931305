// A relay with the board's Worker, in the packed form, and clients of it.
import { createHash } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { installPackage } from "../../../../scripts/example.ts";
import { buildWorker, type Relay, startRelay } from "../../../../scripts/relay.ts";
import { TemporaryFolder } from "../../../../test/support/temporary.ts";
import { BoardClient } from "../../public/lib/client.js";
import { fold } from "../../public/lib/fold.js";
import { randomId } from "../../public/lib/random.js";
import type { Note } from "../../src/events.ts";

/** Reads all of the log, what is for one client alone as well. */
const KEY = `reader.${randomId()}`;
const API_KEYS = JSON.stringify([
  { id: "reader", hash: createHash("sha256").update(KEY).digest("hex"), scope: ["read"] },
]);

const CONFIG = "examples/board/wrangler.toml";

/** An event of the log, as HTTP tells it. */
export type Logged = {
  readonly offset: string;
  readonly event: string;
  readonly args: readonly [Parameters<typeof fold>[2]?];
};

/** What a test does with requests that it writes itself. */
export type Asked = (
  name: string,
  ...args: unknown[]
) => Promise<{
  offset?: string;
  duplicate?: boolean;
  error?: { code: string; message: string; note?: Note };
}>;

export class Boards implements AsyncDisposable {
  readonly #state = new TemporaryFolder();
  readonly #bindings: Record<string, string>;
  readonly #clients: { close(): unknown }[] = [];
  readonly #bundle: string;
  #relay: Relay | undefined;

  private constructor(bindings: Record<string, string>, bundle: string) {
    this.#bindings = bindings;
    this.#bundle = bundle;
  }

  /** @param bindings variables that go before those of wrangler.toml */
  static async start(bindings: Record<string, string> = {}): Promise<Boards> {
    installPackage("board");
    const boards = new Boards({ API_KEYS, ...bindings }, await buildWorker(CONFIG));
    await boards.#run();
    return boards;
  }

  get url(): string {
    if (this.#relay === undefined) throw new Error("the relay is stopped");
    return this.#relay.url;
  }

  /** Stops the relay and starts it again, at the same address, on what it has stored. */
  async restart(meanwhile = async () => {}): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.#relay?.stop();
    await meanwhile();
    await this.#run(port);
  }

  async #run(port = 0): Promise<void> {
    this.#relay = await startRelay({
      ...{ config: CONFIG, bundle: this.#bundle, port },
      state: this.#state.path,
      bindings: this.#bindings,
    });
  }

  /** The page's client, without the page. */
  client(board: string, name: string, clientId = randomId()): BoardClient {
    const client = new BoardClient(io, this.url, { board, clientId, name }, FAST);
    this.#clients.push(client);
    return client;
  }

  /** A client that has the board, and all that happens from now on. */
  async joined(board: string, name: string, clientId?: string): Promise<BoardClient> {
    const client = this.client(board, name, clientId);
    await when(client, () => client.inStep);
    return client;
  }

  /** A bare socket. */
  socket(board: string, auth: object = { name: "Someone", clientId: randomId() }): Socket {
    const path = `/rooms/${board}/socket.io`;
    const socket = io(this.url, { path, auth, forceNew: true, transports: ["websocket"] });
    this.#clients.push(socket);
    return socket;
  }

  /** Sends requests by a bare socket, each with a key of its own unless it has one. */
  asking(board: string, auth?: object): Asked {
    const socket = this.socket(board, auth);
    return (name, ...args) => {
      const last = args.at(-1);
      const keyed = typeof last === "object" && last !== null && "idempotencyKey" in last;
      return socket.emitWithAck(name, ...args, ...(keyed ? [] : [key()]));
    };
  }

  /** The whole log. */
  async log(board: string): Promise<Logged[]> {
    const events: Logged[] = [];
    for (let after: string | null = "0"; after !== null; ) {
      const address = `${this.url}/rooms/${board}/events?limit=1000&after=${after}`;
      const response = await fetch(address, { headers: { authorization: `Bearer ${KEY}` } });
      const page: { events: Logged[]; next: string | null } = await response.json();
      events.push(...page.events);
      after = page.next;
    }
    return events;
  }

  /** The board that the log tells of. */
  async folded(board: string): Promise<Note[]> {
    return foldAll(await this.log(board));
  }

  /** The board as the room's table has it: what a newcomer is given. */
  async stored(board: string): Promise<Note[]> {
    const newcomer = this.asking(board);
    const welcome: { notes: Note[] } = (await newcomer("hello", { notes: true })) as never;
    return welcome.notes;
  }

  release(): void {
    for (const client of this.#clients.splice(0)) client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.release();
    await this.#relay?.stop();
    this.#state[Symbol.dispose]();
  }
}

/** Retries and reconnects come sooner than people need them. */
const FAST = { ackTimeout: 1_000, reconnectionDelay: 50, reconnectionDelayMax: 200 };

export function key(): { idempotencyKey: string } {
  return { idempotencyKey: randomId() };
}

export function foldAll(events: readonly Logged[]): Note[] {
  const notes = new Map<string, Note>();
  for (const { event, args } of events) fold(notes, event, args[0]);
  return [...notes.values()].sort((a, b) => a.z - b.z || (a.id < b.id ? -1 : 1));
}

/** Resolves once it holds; looked at whenever the client tells something. */
export function when(client: BoardClient, holds: () => boolean): Promise<void> {
  const told = ["notes", "people", "locks", "state", "refused", "cursor", "drag"];
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      for (const what of told) client.removeEventListener(what, look);
      resolve();
    };
    for (const what of told) client.addEventListener(what, look);
    look();
  });
}

/** What comes next of this kind. */
export function next<T>(client: BoardClient, what: string): Promise<T> {
  return new Promise((resolve) => {
    client.addEventListener(what, (event) => resolve((event as CustomEvent<T>).detail), {
      once: true,
    });
  });
}
