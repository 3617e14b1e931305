/** What both suites expect of a server. */
import type { RoomSettings } from "../src/roomlog.ts";

export const SUITE_SETTINGS = {
  pingInterval: 300,
  pingTimeout: 200,
  maxPayload: 1_000_000,
  // The suites do not say how long; three of their pings have to fit into it with ease.
  connectTimeout: 1_500,
} as const satisfies RoomSettings;
