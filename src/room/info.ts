/** What a room is like, as HTTP tells it, and changing that: each for whoever may. */
import type { Claims } from "../auth/access.ts";
import type { SessionSettings } from "../session/host.ts";
import type { RoomBehaviour, SettingsPatch } from "../settings.ts";
import type { Counters } from "../telemetry/counters.ts";
import { toPrometheus } from "../telemetry/prometheus.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";
import { type Answer, ifAllowed } from "./rights.ts";

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

/** What the room is like, for whoever may read. */
export function readInfo(
  room: RoomCore,
  name: string,
  claims: Claims,
  databaseSize: () => number,
  session: SessionSettings,
): Answer<RoomInfo> {
  return ifAllowed(room, name, claims, "read", () => ({
    room: name,
    epoch: room.log.epoch,
    ...extentOf(room.log),
    count: room.log.head - room.log.first + 1,
    bytes: databaseSize(),
    sockets: room.members.size,
    settings: settingsOf(room.behaviour, session),
  }));
}

/** Sets something for this room alone (HTTP-13), for admins; answers what holds then. */
export function configure(
  room: RoomCore,
  name: string,
  claims: Claims,
  patch: SettingsPatch,
  session: SessionSettings,
): Answer<InfoSettings> {
  return ifAllowed(room, name, claims, "admin", () => {
    room.configure(patch);
    return settingsOf(room.behaviour, session);
  });
}

/** What the room has counted, in Prometheus' format, for admins. */
export function readMetrics(
  room: RoomCore,
  name: string,
  claims: Claims,
  databaseSize: () => number,
  counters: Counters,
): Answer<string> {
  return ifAllowed(room, name, claims, "admin", () =>
    toPrometheus(counters, { ...room.gauges, databaseBytes: databaseSize() }, name),
  );
}

/** How the room behaves, in the words of HTTP. */
function settingsOf(behaviour: RoomBehaviour, session: SessionSettings): InfoSettings {
  const { retention, handlerTimeout: _, ...others } = behaviour;
  const { age, events, bytes } = retention;
  return { ...session, ...others, keep: { days: age / DAY, events, bytes } };
}
