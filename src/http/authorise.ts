/** Who asks over HTTP, and whether they may. */
import {
  type AccessSettings,
  authenticate,
  type Claims,
  isClosed,
  may,
  type Rejection,
} from "../auth/access.ts";
import type { Scope } from "../auth/scope.ts";
import { HOW_TO_OPEN, RelayError } from "../errors.ts";
import type { Answer, Denied } from "../room/rights.ts";

/** The identity of all who publish over HTTP without a key or token. */
const ANONYMOUS = "http";

/**
 * The claims of a key or token in `Authorization: Bearer`, or of nobody where that is enough.
 * @throws RelayError `closed`, `unauthorized`, `token_expired`, `unavailable` or `forbidden`
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
    throw new RelayError("unauthorized", "Authorization has to be: Bearer <key or token>");
  }
  const known = await authenticate(token, ANONYMOUS, access);
  if (known.kind !== "known") throw refusalOf(known);
  if (may(known.claims, scope, room)) return known.claims;
  if (token === undefined) throw new RelayError("unauthorized", `this takes ${grant(scope)}`);
  throw forbidden(scope);
}

function refusalOf(rejection: Rejection): RelayError {
  switch (rejection.kind) {
    case "missing":
      return new RelayError("unauthorized", "send Authorization: Bearer <key or token>");
    case "invalid":
      return new RelayError("unauthorized", `the key or token ${rejection.detail}`);
    case "expired":
      return expired();
    case "unavailable":
      return new RelayError("unavailable", "tokens can't be checked now; try again");
  }
}

/** What the room has answered. @throws RelayError `token_expired` or `forbidden` */
export function answerOf<T>(answer: Answer<T>, scope: Scope): T {
  if (answer.kind === "answer") return answer.value;
  throw denied(answer, scope);
}

/** For whom the room denies what the Worker has let through. */
export function denied({ kind }: Denied, scope: Scope): RelayError {
  return kind === "token_expired" ? expired() : forbidden(scope);
}

function expired(): RelayError {
  return new RelayError("token_expired", "the token has expired");
}

/** For whoever is known, but may not. */
function forbidden(scope: Scope): RelayError {
  return new RelayError("forbidden", `this takes ${grant(scope)}`);
}

function grant(scope: Scope): string {
  return `a key or token with the scope ${scope} for this room`;
}
