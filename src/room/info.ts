/** What a room is like, as HTTP tells it, and changing that: each for whoever may. */
import { type Claims, may } from "../auth/access.ts";
import type { SessionSettings } from "../session/host.ts";
import type { RoomBehaviour, SettingsPatch } from "../settings.ts";
import type { Counters } from "../telemetry/counters.ts";
import { toPrometheus } from "../telemetry/prometheus.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";

const DAY = 24 * 60 * 60 * 1_000;

/** The room's state, as `GET /rooms/{room}` tells it. */
export type RoomInfo = {
  readonly first: string | null;
  readonly head: string;
  readonly room: string;
  readonly epoch: string;
  /** Events kept. */
  readonly count: number;
  /** Size of the room's database. */
  readonly bytes: number;
  /** Sockets that have joined. */
  readonly sockets: number;
  readonly settings: InfoSettings;
};

/** What holds for the room. Times in milliseconds, sizes in bytes, but for `keep.days`. */
export type InfoSettings = SessionSettings &
  Omit<RoomBehaviour, "retention" | "handlerTimeout"> & {
    readonly keep: { readonly days: number; readonly events: number; readonly bytes: number };
  };

/** Undefined if the claims do not allow reading. */
export function readInfo(
  room: RoomCore,
  name: string,
  claims: Claims,
  databaseSize: () => number,
  session: SessionSettings,
): RoomInfo | undefined {
  if (!may(claims, "read", name)) return undefined;
  const { log } = room;
  return {
    room: name,
    epoch: log.epoch,
    ...extentOf(log),
    count: log.head - log.first + 1,
    bytes: databaseSize(),
    sockets: room.members.size,
    settings: settingsOf(room.behaviour, session),
  };
}

/**
 * Sets something for this room alone (HTTP-13).
 * @returns what holds then; undefined if the claims do not allow it
 */
export function configure(
  room: RoomCore,
  name: string,
  claims: Claims,
  patch: SettingsPatch,
  session: SessionSettings,
): InfoSettings | undefined {
  if (!may(claims, "admin", name)) return undefined;
  room.configure(patch);
  return settingsOf(room.behaviour, session);
}

/** What the room has counted, in Prometheus' format; undefined if the claims are not an admin's. */
export function readMetrics(
  room: RoomCore,
  name: string,
  claims: Claims,
  databaseSize: () => number,
  counters: Counters,
): string | undefined {
  if (!may(claims, "admin", name)) return undefined;
  return toPrometheus(counters, { ...room.gauges, databaseBytes: databaseSize() }, name);
}

/** How the room behaves, in the words of HTTP. */
function settingsOf(behaviour: RoomBehaviour, session: SessionSettings): InfoSettings {
  const { retention, handlerTimeout: _, ...others } = behaviour;
  const { age, events, bytes } = retention;
  return { ...session, ...others, keep: { days: age / DAY, events, bytes } };
}
