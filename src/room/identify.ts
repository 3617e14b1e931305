/** What a client's token gives it in this room: at CONNECT, and when it brings a fresh one. */
import {
  type AccessSettings,
  areFor,
  authenticate,
  type Claims,
  isClosed,
  may,
  type Rejection,
} from "../auth/access.ts";
import { HOW_TO_OPEN } from "../errors.ts";
import { isGiven } from "../protocol/socket.ts";

/** Why a client may not: its message, and a code for programs. */
export type Forbidden = { readonly code: string; readonly message: string };

/** @param anonymous what to call whom comes without a token */
export async function identify(
  token: unknown,
  anonymous: string,
  room: string,
  access: AccessSettings,
): Promise<Claims | Forbidden> {
  if (isClosed(access)) {
    return { code: "closed", message: `This relay is closed. ${HOW_TO_OPEN}` };
  }
  if (isGiven(token) && typeof token !== "string") {
    return { code: "invalid_token", message: "the token has to be a string" };
  }
  const known = await authenticate(token ?? undefined, anonymous, access);
  if (known.kind !== "known") return forbiddenFor(known);
  const { claims } = known;
  if (may(claims, "read", room) || may(claims, "write", room)) return claims;
  const lack = areFor(claims, room)
    ? "has neither the scope read nor write"
    : "is not for this room";
  return { code: "forbidden", message: `the token ${lack}` };
}

export function isForbidden(answer: Claims | Forbidden): answer is Forbidden {
  return "code" in answer;
}

function forbiddenFor(rejection: Rejection): Forbidden {
  switch (rejection.kind) {
    case "missing":
      return { code: "unauthorized", message: "auth.token is needed here" };
    case "invalid":
      return { code: "invalid_token", message: `the token ${rejection.detail}` };
    case "expired":
      return { code: "token_expired", message: "the token has expired" };
    case "unavailable":
      return { code: "unavailable", message: "tokens can't be checked now; try again" };
  }
}
