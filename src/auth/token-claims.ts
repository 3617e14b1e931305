/** What a token whose signature is right says, read as claims (AUTH-7). */
import * as v from "valibot";
import { isRoomPattern } from "../protocol/names.ts";
import { type Authentication, invalid } from "./access.ts";
import { Scope } from "./scope.ts";

/** What is expected of every token; undefined where it does not matter. */
export type Expected = {
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
};

/** The issuer's clock may be ahead by so many milliseconds. Expiry is exact. */
export const CLOCK_TOLERANCE = 30_000;

/** The last second that a `Date` can be. */
const LAST_SECOND = 8.64e12;

/** JWT's times are seconds, and may have fractions. */
const time = v.pipe(
  v.number(),
  v.minValue(0),
  v.maxValue(LAST_SECOND),
  v.transform((seconds) => Math.floor(seconds * 1_000)),
);

const oneOrMore = v.union([v.string(), v.array(v.string())]);

const Payload = v.object({
  iss: v.optional(v.string()),
  aud: v.optional(oneOrMore, []),
  // Text that is not well-formed would be stored as other text, and so could be somebody else's.
  sub: v.pipe(
    v.string(),
    v.minLength(1),
    v.maxLength(256),
    v.check((sub) => sub.isWellFormed()),
  ),
  exp: time,
  nbf: v.optional(time),
  iat: v.optional(time),
  room: v.pipe(
    oneOrMore,
    v.transform((rooms) => [rooms].flat()),
    v.maxLength(64),
    v.everyItem(isRoomPattern),
  ),
  // Others than Roomlog's are other services'.
  scope: v.pipe(
    oneOrMore,
    v.transform((scope) => (typeof scope === "string" ? scope.split(" ") : scope)),
    v.transform((scope) => scope.filter((word) => v.is(Scope, word))),
  ),
});

/**
 * @param payload the token's JSON, parsed
 * @param now milliseconds since 1970
 */
export function readClaims(payload: unknown, expected: Expected, now: number): Authentication {
  const result = v.safeParse(Payload, payload);
  if (!result.success) {
    const claim = result.issues[0].path?.[0]?.key;
    return invalid(claim ? `lacks a valid ${claim}` : "has a payload that is no JSON object");
  }
  const { iss, aud, sub, exp, nbf, iat, room, scope } = result.output;
  const { issuer, audience } = expected;
  if (issuer !== undefined && iss !== issuer) return invalid("is of another iss");
  if (audience !== undefined && ![aud].flat().includes(audience)) {
    return invalid("is for another aud");
  }
  if (nbf !== undefined && nbf > now + CLOCK_TOLERANCE) return invalid("is not valid yet (nbf)");
  if (iat !== undefined && iat > now + CLOCK_TOLERANCE) return invalid("has an iat in the future");
  if (exp <= now) return { kind: "expired" };
  // No key's identity and no anonymous one begins so.
  const claims = { identity: `sub:${sub}`, scope, rooms: room, expiresAt: exp };
  return { kind: "known", claims };
}
