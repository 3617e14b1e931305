/** Who may do what: API keys, anonymous access, and the claims that either gives. */
import { matchesGlob } from "../protocol/names.ts";
import type { Scope } from "./scope.ts";

/** How the identity of who has an API key begins. */
const KEY = "key:";

/** What a client or backend may do, once it is known who it is. */
export type Claims = {
  /** Scopes idempotency keys (EMIT-3). */
  readonly identity: string;
  readonly scope: readonly Scope[];
  /** Names of rooms; `*` in one stands for any run of characters. */
  readonly rooms: readonly string[];
};

/** An API key as configured: only its hash is known (AUTH-2). */
export type ApiKey = {
  readonly id: string;
  /** Lower-case hex SHA-256 of the whole key, `id.secret`. */
  readonly hash: string;
  readonly scope: readonly Scope[];
  readonly rooms: readonly string[];
};

export type AccessSettings = {
  readonly keys: readonly ApiKey[];
  /** What may be done without a key (AUTH-3); empty for nothing. */
  readonly anonymous: readonly Scope[];
};

/** Is there no way in at all? A deployment is closed like this until a key is set. */
export function isClosed({ keys, anonymous }: AccessSettings): boolean {
  return keys.length === 0 && anonymous.length === 0;
}

/**
 * Finds out who holds `token`.
 * @param token an API key, or undefined for nobody
 * @param anonymous what to call whom comes without one
 * @returns undefined if the token is wrong, or missing where one is needed
 */
export async function authenticate(
  token: string | undefined,
  anonymous: string,
  settings: AccessSettings,
): Promise<Claims | undefined> {
  if (token === undefined) {
    if (settings.anonymous.length === 0) return undefined;
    return { identity: anonymous, scope: settings.anonymous, rooms: ["*"] };
  }
  const hash = await sha256Hex(token);
  // All keys are compared, each in constant time: the time taken tells nothing about them.
  const matches = settings.keys.filter((key) => equal(hash, key.hash));
  const key = matches.find(({ id }) => token.startsWith(`${id}.`));
  return key && { identity: KEY + key.id, scope: key.scope, rooms: key.rooms };
}

/** May the holder of `claims` do this in this room? `admin` may do all. */
export function may({ scope, rooms }: Claims, action: Scope, room: string): boolean {
  return (
    (scope.includes(action) || scope.includes("admin")) &&
    rooms.some((pattern) => matchesGlob(pattern, room))
  );
}

/** Is this a backend, with an API key? */
export function holdsKey({ identity }: Claims): boolean {
  return identity.startsWith(KEY);
}

function equal(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

async function sha256Hex(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
