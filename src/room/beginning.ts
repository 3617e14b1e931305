/** A new beginning of a room's log: wiped, or with its continuity lost (HTTP-14, HTTP-15). */
import type { Claims } from "../auth/access.ts";
import { formatOffset } from "../log/offset.ts";
import type { RoomCore } from "./core.ts";
import { type Answer, ifAllowed } from "./rights.ts";

/** Where the log stands after it. */
export type Beginning = { readonly epoch: string; readonly head: string };

/**
 * Begins a new epoch, for admins.
 * @param keep are the events kept?
 */
export function renew(
  room: RoomCore,
  name: string,
  claims: Claims,
  keep: boolean,
): Answer<Beginning> {
  return ifAllowed(room, name, claims, "admin", () => {
    room.renew(keep);
    const { epoch, head } = room.log;
    return { epoch, head: formatOffset(epoch, head) };
  });
}
