// The Worker's app in front of a room, both in plain Node: what HTTP requests meet. Upgrades are
// the runtime's, and left to it.
import { type AccessSettings, authenticate, type Claims } from "../../src/auth/access.ts";
import { type Config, readConfig } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";
import type { RoomStub } from "../../src/http/room-stub.ts";
import type { App } from "../../src/http/routes.ts";
import { ExportBroken } from "../../src/room/export.ts";
import { publish } from "../../src/room/publish.ts";
import { type Answer, type Asked, askedBy, isForbidden, LISTED, wrongWith } from "./answers.ts";
import { allows, tellsSecret, UNSENT } from "./credentials.ts";
import type { RequestInput } from "./input.ts";
import { stubOf } from "./room-stub.ts";
import { SECRET, stateOf } from "./rooms.ts";
import type { World } from "./world.ts";

const ORIGIN = "https://relay.example";

/** Only what requests without upgrades need of the bindings. */
const CONFIG = readConfig({ ORIGINS: LISTED } as unknown as Env);

/** Milliseconds after which what is not answered is taken to be held. */
const SOME = 2;

/** Milliseconds after which nothing is to be without an answer. */
const PATIENCE = 5_000;

/** Of a stream, so many pieces are looked at: behind them it may wait for ever. */
const PIECES = 2;

/** One request under way. */
type Asking = {
  readonly asked: Asked;
  /** The key or token, undefined for whoever comes without one. */
  readonly credential: string | undefined;
  /** Had they the right when they asked? */
  readonly may: boolean;
  readonly past: boolean;
  /** Past the Worker's check: who it really is. */
  claims?: Claims;
};

export class Site {
  readonly #world: World;
  readonly #app: App;
  readonly #access: AccessSettings;
  /** A session that was opened over HTTP. */
  #sid = "";
  /** What was asked and is not answered. */
  readonly #unanswered = new Set<RequestInput>();

  constructor(world: World) {
    this.#world = world;
    this.#access = world.credentials.access;
    this.#app = createApp({
      path: "/socket.io/",
      config: (env) => this.#config(askingOf(env)),
      room: (env, name) => this.#stub(askingOf(env), name),
    });
  }

  async open(): Promise<void> {
    // Of the last batch of requests.
    this.#world.resetSettings();
    const target = "/socket.io/?EIO=4&transport=polling";
    const input = { method: "GET", target, headers: [], body: null, past: false } as const;
    this.send([{ kind: "request", ...input }]);
    await this.#settled(PATIENCE);
  }

  /** All of these at once. */
  send(inputs: readonly RequestInput[]): void {
    for (const [i, input] of inputs.entries()) {
      const request = this.#request(input, i % 4);
      if (request === undefined) continue;
      this.#unanswered.add(input);
      // Not through `run`: a GET may be held, and is nothing to wait for.
      void this.#answer(request, input.past).then(
        () => this.#unanswered.delete(input),
        (error) => this.#world.find(`${input.method} ${input.target} threw ${error}`),
      );
    }
  }

  /** Until all are answered; whoever has not left by then is given up by the room. */
  async close(): Promise<void> {
    await this.#settled(SOME);
    await this.#letGo();
    await this.#settled(SOME);
    // One whose token took long to verify may only have begun to wait meanwhile.
    if (this.#unanswered.size > 0) await this.#letGo();
    await this.#settled(PATIENCE);
    for (const { method, target } of this.#unanswered) {
      this.#world.find(`a request without an answer: ${method} ${target}`);
    }
  }

  /**
   * What is still held is let go when its session's client has been silent for too long, or when
   * something is logged after its time.
   */
  async #letGo(): Promise<void> {
    for (const time of [25_000, 20_000, 20_000, 1]) {
      this.#world.pass(time);
      await this.#world.rest();
    }
    await this.#note();
  }

  async #settled(milliseconds: number): Promise<void> {
    const end = performance.now() + milliseconds;
    while (this.#unanswered.size > 0 && performance.now() < end) await this.#world.rest();
  }

  /** Whatever has been done to a room, something can be logged there, and all readers get that. */
  async #note(): Promise<void> {
    const { room, name } = this.#world;
    const event = { name: "note", namespace: "/", data: '["note"]', attachments: [] };
    const how = { audience: null, idempotencyKey: null, ephemeral: false };
    const claims = { identity: "key:note", scope: ["write"], rooms: ["*"] } as const;
    this.#world.published.add(event.data);
    const request = { claims, events: [{ ...event, ...how }], logged: true };
    const published = publish(room, name, request).then(({ kind }) => {
      if (kind !== "published") this.#world.find(`a backend's event was not taken: ${kind}`);
    });
    this.#world.run("a note", () => published);
    this.#world.others.note();
    await this.#world.rest();
  }

  // --- As the Worker sees it --------------------------------------------------------------------

  #config(asking: Asking): Config {
    if (!asking.past) return { ...CONFIG, access: this.#access };
    const all = { scope: ["admin"], rooms: ["*"] } as const;
    const anonymous = { identity: "http", scope: this.#access.anonymous, rooms: ["*"] };
    const tokens = async (token: string) => {
      const known = await authenticate(token, "", this.#access);
      if (known.kind !== "known") return known;
      asking.claims = known.claims;
      return { ...known, claims: { ...known.claims, ...all } };
    };
    asking.claims ??= anonymous;
    return { ...CONFIG, access: { keys: [], anonymous: all.scope, tokens } };
  }

  #stub(asking: Asking, name: string): RoomStub {
    const { asked, past } = asking;
    const isMine = name === this.#world.name;
    const { harness } = this.#world;
    const place = isMine ? harness : this.#world.others.open(name, harness.now);
    const mayCall = asked.kind === "engine" || (asking.may && asked.room === name);
    if (!mayCall && !past) this.#world.find(`room ${name} was called for who may not`);
    return stubOf(place, name, {
      as: (claims) => (past ? (asking.claims ?? claims) : claims),
      run: (work) => {
        const before = mayCall ? "" : stateOf(place);
        const result = work();
        if (isMine && place.room.behaviour.echo) this.#world.echoed = true;
        if (!mayCall && stateOf(place) !== before) this.#world.find("changed by who may not");
        return result;
      },
      published: ({ events }) => {
        if (!mayCall || !isMine) return;
        for (const { data } of events) this.#world.published.add(data);
      },
    });
  }

  #mayDo({ room, scope }: Asked, credential: string | undefined): boolean {
    const rights = this.#world.credentials.rightsOf(credential);
    return scope === undefined || allows(rights, scope, room);
  }

  // --- Answers ----------------------------------------------------------------------------------

  async #answer(request: Request, past: boolean): Promise<void> {
    const header = request.headers.get("authorization");
    const bearer = header === null ? undefined : (/^Bearer (\S+)$/i.exec(header)?.[1] ?? "");
    const asked = askedBy(request);
    const asking: Asking = { asked, credential: bearer, past, may: this.#mayDo(asked, bearer) };
    const response = await this.#app.fetch(request, asking as unknown as Env);
    const type = response.headers.get("content-type") ?? "";
    const body = await this.#bodyOf(response, type);
    const answer = { status: response.status, type, body };
    if (body.startsWith("0{")) this.#sid = String(JSON.parse(body.slice(1)).sid);
    const wrong = this.#wrongWith(asking, answer);
    if (wrong === undefined) return;
    const told = `${answer.status} ${body.slice(0, 500)}`;
    this.#world.find(`${request.method} ${request.url}: ${told} ${wrong}`);
  }

  #wrongWith({ asked, credential, may }: Asking, answer: Answer): string | undefined {
    const { status, body } = answer;
    if (status < 300 && !may) return "for who may not";
    // A token may have run out meanwhile.
    if (isForbidden(answer) && asked.scope !== undefined && may && this.#mayDo(asked, credential)) {
      return "for who may";
    }
    const isElsewhere = asked.kind === "engine" || asked.room !== this.#world.name;
    if (body.includes(SECRET) && !(isElsewhere && may)) return "tells of another room";
    if (asked.quotes ? body.includes(UNSENT) : tellsSecret(body)) return "tells a secret";
    return wrongWith(asked, answer);
  }

  async #bodyOf(response: Response, type: string): Promise<string> {
    try {
      if (!type.startsWith("text/event-stream")) return await response.text();
    } catch (error) {
      // What it was about has been wiped, trimmed or has run out (HTTP-11).
      if (error instanceof ExportBroken) return "";
      throw error;
    }
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let n = 0; n < PIECES; n++) {
      const piece = await reader?.read();
      if (piece?.value !== undefined) text += decoder.decode(piece.value, { stream: true });
    }
    // It goes on until somebody leaves.
    await reader?.cancel();
    return text;
  }

  /** Undefined for what no request can be made of. */
  #request({ method, target, headers, body }: RequestInput, who: number): Request | undefined {
    const { credentials, head, room, socketId } = this.#world;
    const named = (text: string) =>
      credentials
        .fill(text, who)
        .replaceAll("$SID", this.#sid)
        .replaceAll("$SOCKET", socketId)
        .replaceAll("$HEAD", head)
        .replaceAll("$EPOCH", room.log.epoch);
    try {
      const init = { method, headers: headers.map(([name, value]) => [name, named(value)]) };
      const content = body === null ? {} : { body: named(body) };
      return new Request(ORIGIN + named(target), { ...init, ...content } as RequestInit);
    } catch {
      return undefined;
    }
  }
}

/** What the app is given as its bindings. */
function askingOf(env: Env): Asking {
  return env as unknown as Asking;
}
