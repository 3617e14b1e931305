/** Who asks over HTTP, and whether they may. */
import { type AccessSettings, authenticate, type Claims, isClosed, may } from "../auth/access.ts";
import type { Scope } from "../auth/scope.ts";
import { HOW_TO_OPEN, RelayError } from "../errors.ts";

/** The identity of all who publish over HTTP without a key. */
const ANONYMOUS = "http";

/**
 * The claims of a key in `Authorization: Bearer`, or of nobody where that is enough.
 * @throws RelayError `closed`, `unauthorized` or `forbidden`
 */
export async function authorise(
  request: Request,
  access: AccessSettings,
  scope: Scope,
  room: string,
): Promise<Claims> {
  if (isClosed(access)) throw new RelayError("closed", HOW_TO_OPEN);
  const header = request.headers.get("authorization");
  const token = header === null ? undefined : /^Bearer (\S+)$/i.exec(header)?.[1];
  if (header !== null && token === undefined) {
    throw new RelayError("unauthorized", "Authorization has to be: Bearer <key>");
  }
  const claims = await authenticate(token, ANONYMOUS, access);
  if (claims === undefined) {
    const detail = token ? "the key is not known here" : "send Authorization: Bearer <key>";
    throw new RelayError("unauthorized", detail);
  }
  if (!may(claims, scope, room)) throw forbidden(scope);
  return claims;
}

/** For whoever is known, but may not. */
export function forbidden(scope: Scope): RelayError {
  return new RelayError("forbidden", `this needs the scope ${scope} for this room`);
}
