/** A room in code that is served for a file's tests, and clients that are closed after each test. */
import { SUITE_SETTINGS } from "../../../conformance/settings.ts";
import { type LocalRelayOptions, localRelay } from "../../support/local-relay.ts";
import type { Endpoint } from "./http.ts";
import { PollingSession } from "./polling.ts";
import { RawSocket } from "./socket.ts";

/** The two servers of `npm run conformance:serve`, and a room of the tests' own beside them. */
export const SERVERS = {
  engine: { config: "conformance/engine.toml", path: "/engine.io/" },
  socket: { config: "conformance/socket.toml", path: "/socket.io/" },
  scripted: { config: "test/support/scripted-room.toml", path: "/socket.io/" },
} as const;

export type ServerName = keyof typeof SERVERS;

export type Bindings = NonNullable<LocalRelayOptions["bindings"]>;

/**
 * With the suites' 300 ms between pings a test on a busy machine could be late with a pong. What is
 * not about time is tested with both kinds of heartbeat instead (BEAT-1 and 2), and ample times.
 */
export const HEARTBEATS: readonly (readonly [name: string, bindings: Bindings])[] = [
  [
    "an exact heartbeat",
    { PING_INTERVAL: "9000", PING_TIMEOUT: "20000", CONNECT_TIMEOUT: "20000" },
  ],
  [
    "a sleeping heartbeat",
    { PING_INTERVAL: "25000", PING_TIMEOUT: "20000", CONNECT_TIMEOUT: "20000" },
  ],
];

/** Pings as often as the suites', and more patience with the pongs. */
export const BRISK: Bindings = { PING_TIMEOUT: "1500", CONNECT_TIMEOUT: "1500" };

/** No pings, and a short time to join. */
export const IMPATIENT: Bindings = {
  PING_INTERVAL: "9000",
  PING_TIMEOUT: "20000",
  CONNECT_TIMEOUT: "1500",
};

export const { pingInterval, pingTimeout, maxPayload } = SUITE_SETTINGS;

export type ServerUnderTest = {
  readonly endpoint: Endpoint;
  /** A new polling session. */
  polling(): Promise<PollingSession>;
  /** A new session over WebSocket. */
  session(pings?: "answered" | "shown"): ReturnType<typeof RawSocket.session>;
  /** A WebSocket that is open, and nothing more. */
  socket(query: string): Promise<RawSocket>;
};

/** Serves it for the suite that calls this. */
export function serve(name: ServerName, bindings: Bindings = {}): ServerUnderTest {
  const { config, path } = SERVERS[name];
  const relay = localRelay({ config, bindings });

  function released<T extends RawSocket>(socket: T): T {
    relay.release({ disconnect: () => socket.close() });
    return socket;
  }

  const server: ServerUnderTest = {
    get endpoint() {
      return relay.url + path;
    },
    polling: () => PollingSession.open(server.endpoint),
    session: async (pings) => released(await RawSocket.session(server.endpoint, pings)),
    socket: async (query) => released(await RawSocket.open(server.endpoint, query)),
  };
  return server;
}
