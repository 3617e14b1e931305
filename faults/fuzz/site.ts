// The Worker's app in front of a room, both in plain Node: what HTTP requests meet. Upgrades are
// the runtime's, and left to it.
import { createHash } from "node:crypto";
import { configReader } from "../../src/config.ts";
import type { Env } from "../../src/env.ts";
import { createApp } from "../../src/http/app.ts";
import type { RoomStub } from "../../src/http/room-stub.ts";
import type { App } from "../../src/http/routes.ts";
import { EngineEndpoint } from "../../src/platform/engine-endpoint.ts";
import { textStream } from "../../src/platform/text-stream.ts";
import { renew } from "../../src/room/beginning.ts";
import { history } from "../../src/room/history.ts";
import { configure, readInfo, readMetrics } from "../../src/room/info.ts";
import { publish } from "../../src/room/publish.ts";
import { disconnectSockets, listSockets, moveSockets } from "../../src/room/sockets.ts";
import { openStream } from "../../src/room/streams.ts";
import { SETTINGS } from "../../test/support/room-harness.ts";
import type { RequestInput } from "./input.ts";
import type { World } from "./world.ts";

const ORIGIN = "https://relay.example";

/** It may do all but harm the healthy client, which is what `admin` is for. */
const KEY = "fuzz.secret";
const API_KEYS = JSON.stringify([
  {
    id: "fuzz",
    hash: createHash("sha256").update(KEY).digest("hex"),
    scope: ["read", "write", "presence"],
  },
]);

/** Only what requests without upgrades need of the bindings. */
const ENV = {
  API_KEYS,
  ANONYMOUS: "write",
  ORIGINS: "https://app.example",
} as unknown as Env;

/** Milliseconds after which what is not answered is taken to be held. */
const SOME = 2;

/** Milliseconds after which nothing is to be without an answer. */
const PATIENCE = 5_000;

export class Site {
  readonly #world: World;
  readonly #app: App;
  /** A session that was opened over HTTP. */
  #sid = "";

  constructor(world: World) {
    this.#world = world;
    this.#app = createApp({
      path: "/socket.io/",
      config: configReader(),
      room: (_, name) => this.#stub(name),
    });
  }

  #stub(name: string): RoomStub {
    const { room } = this.#world;
    const { counters } = this.#world.harness;
    const { sessions } = room;
    const ctx = {} as DurableObjectState;
    const endpoint = new EngineEndpoint({
      ctx,
      sessions,
      settings: SETTINGS,
      format: () => room.behaviour.format,
      refused: () => {},
    });
    return {
      fetch: (request) => endpoint.fetch(request),
      publish: async (request) => publish(room, name, request),
      history: async (request) => history(room, name, request),
      stream: async (request) => {
        const result = openStream(room, name, request);
        return result.kind === "stream" ? { ...result, body: textStream(result.body) } : result;
      },
      listSockets: async (request) => listSockets(room, name, request),
      disconnectSockets: async (request) => disconnectSockets(room, name, request),
      moveSockets: async (request) => moveSockets(room, name, request),
      metrics: async (claims) => readMetrics(room, name, claims, () => 0, counters),
      configure: async (claims, patch) => configure(room, name, claims, patch, SETTINGS),
      renew: async (claims, keep) => renew(room, name, claims, keep),
      info: async (claims) => readInfo(room, name, claims, () => 0, SETTINGS),
    };
  }

  /** All of these at once; whoever has not left by then is given up by the room. */
  async ask(inputs: readonly RequestInput[]): Promise<void> {
    let unanswered = 0;
    const settled = async (milliseconds: number) => {
      const end = performance.now() + milliseconds;
      while (unanswered > 0 && performance.now() < end) await this.#world.rest();
    };
    await this.#answer(new Request(`${ORIGIN}/socket.io/?EIO=4&transport=polling`));
    for (const input of inputs) {
      const request = this.#request(input);
      if (request === undefined) continue;
      unanswered++;
      // Not through `run`: a GET may be held, and is nothing to wait for.
      void this.#answer(request).then(
        () => unanswered--,
        (error) => this.#world.find(`${input.method} ${input.target} threw ${error}`),
      );
    }
    await settled(SOME);
    // What is still held is let go when its session's client has been silent for too long.
    for (const time of [25_000, 20_000, 1]) {
      this.#world.pass(time);
      await this.#world.rest();
    }
    await settled(PATIENCE);
    if (unanswered > 0) this.#world.find(`${unanswered} requests without an answer`);
    await this.#world.judge();
  }

  async #answer(request: Request): Promise<void> {
    const response = await this.#app.fetch(request, ENV);
    const live = response.headers.get("content-type")?.startsWith("text/event-stream");
    // It goes on until somebody leaves.
    if (live) await response.body?.cancel();
    const body = live ? "" : await response.text();
    const asked = `${request.method} ${request.url}`;
    if (response.status >= 500) this.#world.find(`${asked}: ${response.status} ${body}`);
    if (body.startsWith("0{")) this.#sid = String(JSON.parse(body.slice(1)).sid);
    if (/json/.test(response.headers.get("content-type") ?? "") && body !== "") JSON.parse(body);
  }

  /** Undefined for what no request can be made of. */
  #request({ method, target, headers, body }: RequestInput): Request | undefined {
    const named = (text: string) =>
      text
        .replaceAll("$KEY", KEY)
        .replaceAll("$SID", this.#sid)
        .replaceAll("$HEAD", this.#world.head)
        .replaceAll("$EPOCH", this.#world.room.log.epoch);
    try {
      const init = { method, headers: headers.map(([name, value]) => [name, named(value)]) };
      const content = body === null ? {} : { body: named(body) };
      return new Request(ORIGIN + named(target), { ...init, ...content } as RequestInit);
    } catch {
      return undefined;
    }
  }
}
