/** What the room asks of whoever comes over HTTP: it trusts no caller, and a body may take its time. */
import { type Claims, isExpired, may } from "../auth/access.ts";
import type { Scope } from "../auth/scope.ts";
import type { RoomCore } from "./core.ts";

/** Why somebody may not: the claims don't allow it here, or no longer (AUTH-4). */
export type Denied = { readonly kind: "forbidden" | "token_expired" };

/** What was asked for, or why it is not given. */
export type Answer<T> = { readonly kind: "answer"; readonly value: T } | Denied;

/** Undefined for whoever may do this now, in the room of this name. */
export function denial(
  room: RoomCore,
  name: string,
  claims: Claims,
  scope: Scope,
): Denied | undefined {
  if (isExpired(claims, room.now())) return { kind: "token_expired" };
  return may(claims, scope, name) ? undefined : { kind: "forbidden" };
}

/** Does `work` for whoever may, now. */
export function ifAllowed<T>(
  room: RoomCore,
  name: string,
  claims: Claims,
  scope: Scope,
  work: () => T,
): Answer<T> {
  return denial(room, name, claims, scope) ?? { kind: "answer", value: work() };
}
