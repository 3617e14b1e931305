/** How many sockets a room takes, and of one identity. */
import { ERRORS } from "../errors.ts";
import type { Limits } from "../limits/limits.ts";
import type { Admission, ConnectRefusal } from "./admit.ts";
import type { Members } from "./members.ts";

/** Why there is no place for one more; undefined if there is. One that resumes has its own. */
export function refuseMore(
  { id, claims }: Admission,
  members: Pick<Members, "hasPlace" | "places" | "placesOf">,
  { sockets, socketsPerIdentity }: Limits,
): ConnectRefusal | undefined {
  if (members.hasPlace(id)) return undefined;
  if (members.places >= sockets) return refusal("room_full");
  if (members.placesOf(claims.identity) >= socketsPerIdentity) return refusal("too_many_sockets");
  return undefined;
}

function refusal(code: "room_full" | "too_many_sockets"): ConnectRefusal {
  return { message: ERRORS[code].title, data: { code } };
}
