/** A new beginning of a room's log: wiped, or with its continuity lost (HTTP-14, HTTP-15). */
import { type Claims, may } from "../auth/access.ts";
import { formatOffset } from "../log/offset.ts";
import type { RoomCore } from "./core.ts";

/** Where the log stands after it. */
export type Beginning = { readonly epoch: string; readonly head: string };

/**
 * Begins a new epoch.
 * @param keep are the events kept?
 * @returns undefined if the claims do not allow it
 */
export function renew(
  room: RoomCore,
  name: string,
  claims: Claims,
  keep: boolean,
): Beginning | undefined {
  if (!may(claims, "admin", name)) return undefined;
  room.renew(keep);
  const { epoch, head } = room.log;
  return { epoch, head: formatOffset(epoch, head) };
}
