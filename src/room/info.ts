/** What a room is like, as HTTP tells it. */
import type { SessionSettings } from "../session/host.ts";
import type { RoomBehaviour } from "../settings.ts";
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

/** How the room behaves, in the words of HTTP. */
export function settingsOf(behaviour: RoomBehaviour, session: SessionSettings): InfoSettings {
  const { retention, handlerTimeout: _, ...others } = behaviour;
  const { age, events, bytes } = retention;
  return { ...session, ...others, keep: { days: age / DAY, events, bytes } };
}

export function readInfo(
  room: RoomCore,
  name: string,
  databaseSize: () => number,
  session: SessionSettings,
): RoomInfo {
  const { log, sessions } = room;
  let sockets = 0;
  for (const session of sessions) sockets += session.sockets.size;
  return {
    room: name,
    epoch: log.epoch,
    ...extentOf(log),
    count: log.head - log.first + 1,
    bytes: databaseSize(),
    sockets,
    settings: settingsOf(room.behaviour, session),
  };
}
