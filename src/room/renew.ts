/** `roomlog:auth`: a fresh token for a socket that stays connected (AUTH-8). */
import type { AccessSettings, Claims } from "../auth/access.ts";
import type { Extent } from "../log/offset.ts";
import type { EventPacket } from "../protocol/socket.ts";
import type { Position, Socket } from "../session/socket.ts";
import { type Forbidden, identify, isForbidden } from "./identify.ts";

/** The event's name; the room's code never sees it. */
export const RENEWAL = "roomlog:auth";

/** What a socket may do from now on, or why it keeps the rights that it has. */
export async function readRenewal(
  socket: Socket,
  { args }: EventPacket,
  room: string,
  access: AccessSettings,
): Promise<Claims | Forbidden> {
  const [, argument] = args;
  const token = isObject(argument) ? argument.token : undefined;
  // Without one it would ask for what anybody may do, and be somebody else.
  if (typeof token !== "string") {
    return { code: "invalid_token", message: `${RENEWAL} takes { token }, a string` };
  }
  const claims = await identify(token, "", room, access);
  if (isForbidden(claims) || claims.identity === socket.claims.identity) return claims;
  return { code: "forbidden", message: "the token is somebody else's; connect anew with it" };
}

/**
 * Where a socket is in the log when it comes to be allowed, or forbidden, to read. Who no longer may
 * stops where it is, to go on from there if it may again; who never could begins now.
 */
export function turnReading(
  position: Position,
  reads: boolean,
  { epoch, head }: Pick<Extent, "epoch" | "head">,
): Position {
  const { sent } = position;
  const { replayed, announce } = "replayed" in position ? position : NOT_BEGUN;
  if (!reads) return { state: "stopped", sent, replayed, announce, epoch };
  if (position.state !== "stopped") return { state: "live", sent: head };
  return { state: "replaying", sent, replayed, announce };
}

/** Of a replay that nobody asked for. */
const NOT_BEGUN = { replayed: 0, announce: false };

function isObject(value: unknown): value is { readonly token?: unknown } {
  return typeof value === "object" && value !== null;
}
