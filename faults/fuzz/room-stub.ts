// A room's object, as the Worker's app calls it.
import type { Claims } from "../../src/auth/access.ts";
import type { RoomStub } from "../../src/http/room-stub.ts";
import { EngineEndpoint } from "../../src/platform/engine-endpoint.ts";
import { textStream } from "../../src/platform/text-stream.ts";
import { renew } from "../../src/room/beginning.ts";
import { history } from "../../src/room/history.ts";
import { configure, readInfo, readMetrics } from "../../src/room/info.ts";
import { type PublishRequest, publish } from "../../src/room/publish.ts";
import { disconnectSockets, listSockets, moveSockets } from "../../src/room/sockets.ts";
import { openStream } from "../../src/room/streams.ts";
import { type Harness, SETTINGS } from "../../test/support/room-harness.ts";

/** How one request comes to it. */
export type Call = {
  /** Whoever asks, as the object is told. */
  as(claims: Claims): Claims;
  /** Runs what the object does at once. */
  run<T>(work: () => T): T;
  published(request: PublishRequest): void;
};

const size = () => 0;

export function stubOf({ room, counters }: Harness, name: string, call: Call): RoomStub {
  const { sessions } = room;
  const ctx = {} as DurableObjectState;
  const format = () => room.behaviour.format;
  const refused = () => {};
  const endpoint = new EngineEndpoint({ ctx, sessions, settings: SETTINGS, format, refused });
  const { run } = call;
  const who = <T extends { readonly claims: Claims }>(request: T): T => ({
    ...request,
    claims: call.as(request.claims),
  });
  return {
    fetch: (request) => endpoint.fetch(request),
    publish: async (request) => {
      call.published(request);
      return run(() => publish(room, name, who(request)));
    },
    history: async (request) => run(() => history(room, name, who(request))),
    stream: async (request) => {
      const result = openStream(room, name, who(request));
      return result.kind === "stream" ? { ...result, body: textStream(result.body) } : result;
    },
    listSockets: async (request) => run(() => listSockets(room, name, who(request))),
    disconnectSockets: async (request) => run(() => disconnectSockets(room, name, who(request))),
    moveSockets: async (request) => run(() => moveSockets(room, name, who(request))),
    metrics: async (claims) => run(() => readMetrics(room, name, call.as(claims), size, counters)),
    configure: async (claims, patch) =>
      run(() => configure(room, name, call.as(claims), patch, SETTINGS)),
    renew: async (claims, keep) => run(() => renew(room, name, call.as(claims), keep)),
    info: async (claims) => run(() => readInfo(room, name, call.as(claims), size, SETTINGS)),
  };
}
