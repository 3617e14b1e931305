/** Whom an event is for. */
import type { Audience } from "../log/event-log.ts";

/** Names of rooms, or ids of sockets: one or several. */
export type Rooms = string | readonly string[];

/** They stand in the event's row, which has its own limit: so many characters together. */
export const MAX_ROOM_CHARS = 8_192;

export function listOf(rooms: Rooms): readonly string[] {
  return typeof rooms === "string" ? [rooms] : rooms;
}

/** May these stand in an event's row? */
export function fitsRow(rooms: readonly string[]): boolean {
  return rooms.reduce((sum, { length }) => sum + length, 0) <= MAX_ROOM_CHARS;
}

/**
 * @returns null for everybody, as of empty lists
 * @throws RangeError if there are too many to be logged
 */
export function audienceOf(to: readonly string[], except: readonly string[]): Audience | null {
  if (to.length === 0 && except.length === 0) return null;
  if (fitsRow(to) && fitsRow(except)) return { to, except };
  throw new RangeError(`the names in to, or in except, may have ${MAX_ROOM_CHARS} characters`);
}
