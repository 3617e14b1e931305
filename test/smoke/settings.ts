// The ways in which the stock client can be told to connect.
import type { ManagerOptions, SocketOptions } from "socket.io-client";

export type ClientOptions = Partial<ManagerOptions & SocketOptions>;

/** The transport settings; `undefined` is the client's default, polling and then an upgrade. */
export const SETTINGS = {
  default: undefined,
  websocket: ["websocket"],
  polling: ["polling"],
} as const;

export type Setting = keyof typeof SETTINGS;

export const SETTING_NAMES = ["default", "websocket", "polling"] as const satisfies Setting[];

/** Options for a client of its own that comes back quickly, but is else as its users have it. */
export function clientOptions(room: string, setting: Setting): ClientOptions {
  const transports = SETTINGS[setting];
  return {
    path: `/rooms/${room}/socket.io`,
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 200,
    // The client does not notice that its WebSocket closes before the session's first packet; it
    // waits for this, by default 20 s.
    timeout: 3_000,
    ...(transports && { transports: [...transports] }),
  };
}
