/** Plays a script against a server, and writes down what it answers, the same way for any server. */
import { type Answer, ask, askWebSocket, type Endpoint } from "./http.ts";
import { Over, PollingSession, SEPARATOR } from "./polling.ts";
import type { ServerName } from "./server.ts";
import { type Frame, isClosed, RawSocket } from "./socket.ts";

/** Longer ones are shown by their beginning and length. */
const LONGEST = 200;

/** Closes without a code of their own: the reference server gives none, and ours says why. */
const PLAIN_CLOSES: readonly number[] = [1000, 1002, 1005, 1008];

export class Stage {
  readonly endpoint: Endpoint;
  readonly server: ServerName;
  /** What was answered, line by line. */
  readonly lines: string[] = [];
  readonly #sockets: RawSocket[] = [];

  constructor(server: ServerName, endpoint: Endpoint) {
    this.server = server;
    this.endpoint = endpoint;
  }

  write(line: string): void {
    const masked = line
      .replace(/(sid\\?":\\?")[A-Za-z0-9_-]{20}/g, "$1…")
      .replace(/(ping(?:Interval|Timeout)\\?":)\d+/g, "$1…")
      .replace(/^(<- 4(?:2|5\d+-)(?:\/[^,]*,)?)\d+(\["question")/, "$1…$2");
    this.lines.push(
      masked.length > LONGEST ? `${masked.slice(0, 40)}… (${masked.length})` : masked,
    );
  }

  /** One request, and its answer: status and body. */
  async request(query: string, init: RequestInit = {}): Promise<void> {
    this.write(`${init.method ?? "GET"} ${await this.answer(ask(this.endpoint, query, init))}`);
  }

  /** A request for a WebSocket: its refusal's message, or that it opens. */
  async upgrade(query: string, headers?: Readonly<Record<string, string>>): Promise<void> {
    const refused = await askWebSocket(this.endpoint, query, headers);
    this.write(refused ? `refused ${refused.status} ${messageOf(refused)}` : "opens");
  }

  async answer(request: Promise<Answer>): Promise<string> {
    try {
      const { status, body } = await request;
      return `${status} ${body.replaceAll(SEPARATOR, " | ")}`.trim();
    } catch (error) {
      // Of fetch, and of node:http.
      if (/fetch failed|hang up|ECONNRESET|terminated/.test(String(error))) return "cut off";
      throw error;
    }
  }

  /** A polling session, before anything was said. */
  async polling(): Promise<PollingActor> {
    return new PollingActor(this, await PollingSession.open(this.endpoint));
  }

  /** A session over WebSocket, before anything was said. */
  async session(pings?: "shown"): Promise<SocketActor & { readonly sid: string }> {
    const socket = await RawSocket.session(this.endpoint, pings);
    return Object.assign(this.#actor(socket), { sid: socket.opened.sid });
  }

  /** A WebSocket that is open, and nothing more. */
  async socket(query: string): Promise<SocketActor> {
    return this.#actor(await RawSocket.open(this.endpoint, query));
  }

  #actor(socket: RawSocket): SocketActor {
    this.#sockets.push(socket);
    return new SocketActor(this, socket);
  }

  /** A question whose answer tells that all before it has been taken, and that answer. */
  fence(joined: string | undefined): readonly [ask: string, answer: string] {
    if (this.server === "engine") return ["4fence", "4fence"];
    if (joined === undefined) return ["40/fence,", '44/fence,{"message":"Invalid namespace"}'];
    const to = joined === "/" ? "" : `${joined},`;
    const event = this.server === "socket" ? "message-with-ack" : "echo";
    return [`42${to}9999["${event}"]`, `43${to}9999[]`];
  }

  /** Closes what is still open. */
  end(): void {
    for (const socket of this.#sockets) socket.close();
  }
}

/** The members of a refusal that both servers tell. */
function messageOf({ body }: Answer): string {
  return body.startsWith("{") ? JSON.parse(body).message : body;
}

export class SocketActor {
  readonly socket: RawSocket;
  /** A namespace that it has joined. */
  joined: string | undefined;
  readonly #stage: Stage;

  constructor(stage: Stage, socket: RawSocket) {
    this.#stage = stage;
    this.socket = socket;
  }

  /** Joins without a word about it. */
  async join(namespace = "/"): Promise<this> {
    this.socket.send(`40${namespace}`);
    await this.socket.text();
    if (this.#stage.server === "socket") await this.socket.text();
    this.joined = namespace;
    return this;
  }

  /** Sends frames, and writes down all that is answered. */
  async says(...frames: Frame[]): Promise<void> {
    this.socket.send(...frames);
    await this.settle();
  }

  /** Writes down all that comes until everything that was sent has been taken. */
  async settle(): Promise<void> {
    const [ask, answer] = this.#stage.fence(this.joined);
    // Twice: the reference server answers an unknown namespace before older events.
    for (let round = 0; round < 2; round++) {
      this.socket.send(ask);
      for (;;) {
        const next = await this.socket.next();
        if (next === answer) break;
        this.#stage.write(shown(next));
        if (isClosed(next)) return;
      }
    }
    this.#stage.write("goes on");
  }

  /** Writes down the next frame, or the close. */
  async next(): Promise<Frame | undefined> {
    const next = await this.socket.next();
    this.#stage.write(shown(next));
    return isClosed(next) ? undefined : next;
  }

  /** Writes down all frames up to the close. */
  async toTheEnd(): Promise<void> {
    while ((await this.next()) !== undefined);
  }
}

function shown(item: Parameters<typeof isClosed>[0]): string {
  if (typeof item === "string") return `<- ${item}`;
  if (isClosed(item)) return PLAIN_CLOSES.includes(item.code) ? "closed" : `closed ${item.code}`;
  return `<- bytes ${Buffer.from(item).toString("hex")}`;
}

export class PollingActor {
  readonly session: PollingSession;
  joined: string | undefined;
  readonly #stage: Stage;

  constructor(stage: Stage, session: PollingSession) {
    this.#stage = stage;
    this.session = session;
  }

  get sid(): string {
    return this.session.sid;
  }

  async join(namespace = "/"): Promise<this> {
    await this.session.send(`40${namespace}`);
    await this.session.packet();
    if (this.#stage.server === "socket") await this.session.packet();
    this.joined = namespace;
    return this;
  }

  /** Posts a body, and writes down the answer and all packets that come. */
  async says(body: string, headers?: Readonly<Record<string, string>>): Promise<void> {
    await this.post(body, headers);
    await this.settle();
  }

  async post(body: string, headers?: Readonly<Record<string, string>>): Promise<void> {
    const answer = await this.#stage.answer(this.session.post(body, headers));
    this.#stage.write(`POST ${answer}`);
  }

  async get(): Promise<void> {
    this.#stage.write(`GET ${await this.#stage.answer(this.session.get())}`);
  }

  /** Writes down all packets that come until everything has been taken. */
  async settle(): Promise<void> {
    const [ask, answer] = this.#stage.fence(this.joined);
    for (let round = 0; round < 2; round++) {
      const posted = await this.session.post(ask).catch(() => undefined);
      if (posted?.status !== 200) {
        this.#stage.write(`over: GET ${await this.#stage.answer(this.session.get())}`);
        return;
      }
      if (!(await this.#upTo(answer))) return;
    }
    this.#stage.write("goes on");
  }

  /** Writes down packets up to this one; false if the session was over before. */
  async #upTo(last: string): Promise<boolean> {
    for (;;) {
      let packet: string;
      try {
        packet = await this.session.packet();
      } catch (error) {
        if (!(error instanceof Over)) throw error;
        this.#stage.write(`over: GET ${error.message}`);
        return false;
      }
      if (packet === last) return true;
      this.#stage.write(`<- ${packet}`);
    }
  }
}
