/** Who may do what: API keys, tokens, anonymous access, and the claims that each of them gives. */
import { matchesGlob } from "../protocol/names.ts";
import type { Scope } from "./scope.ts";

/** How the identity of who has an API key begins. */
const KEY = "key:";

/** Nothing longer is looked at, let alone verified. */
const MAX_LENGTH = 8_192;

/** What a client or backend may do, once it is known who it is. */
export type Claims = {
  /** Scopes idempotency keys (EMIT-3). */
  readonly identity: string;
  readonly scope: readonly Scope[];
  /** Names of rooms; `*` in one stands for any run of characters. */
  readonly rooms: readonly string[];
  /** Until when they hold, in milliseconds since 1970; those of keys have no end. */
  readonly expiresAt?: number | undefined;
};

/** An API key as configured: only its hash is known (AUTH-2). */
export type ApiKey = {
  readonly id: string;
  /** Lower-case hex SHA-256 of the whole key, `id.secret`. */
  readonly hash: string;
  readonly scope: readonly Scope[];
  readonly rooms: readonly string[];
};

/** Why nobody is known; `detail` goes on where "the token" stops. */
export type Rejection =
  | { readonly kind: "missing" }
  | { readonly kind: "invalid"; readonly detail: string }
  | { readonly kind: "expired" }
  /** It can't be checked now. That passes. */
  | { readonly kind: "unavailable" };

/** Who somebody is, or why that is not known. */
export type Authentication = { readonly kind: "known"; readonly claims: Claims } | Rejection;

/** Checks a token (AUTH-1). Never throws. */
export type VerifyToken = (token: string) => Promise<Authentication>;

export type AccessSettings = {
  readonly keys: readonly ApiKey[];
  /** What may be done without a key (AUTH-3); empty for nothing. */
  readonly anonymous: readonly Scope[];
  /** Undefined where no tokens are accepted. */
  readonly tokens?: VerifyToken | undefined;
};

/** Is there no way in at all? A deployment is closed like this until a secret is set. */
export function isClosed({ keys, anonymous, tokens }: AccessSettings): boolean {
  return keys.length === 0 && anonymous.length === 0 && tokens === undefined;
}

/**
 * Finds out who holds `token`. A wrong one does not fall back to what anybody may do.
 * @param token an API key or a JWT, or undefined for nobody
 * @param anonymous what to call whom comes without one
 */
export async function authenticate(
  token: string | undefined,
  anonymous: string,
  settings: AccessSettings,
): Promise<Authentication> {
  if (token === undefined) {
    if (settings.anonymous.length === 0) return { kind: "missing" };
    const claims = { identity: anonymous, scope: settings.anonymous, rooms: ["*"] };
    return { kind: "known", claims };
  }
  if (token.length > MAX_LENGTH) return invalid(`has more than ${MAX_LENGTH} characters`);
  const key = await findKey(token, settings.keys);
  if (key !== undefined) {
    const { id, scope, rooms } = key;
    return { kind: "known", claims: { identity: KEY + id, scope, rooms } };
  }
  return (await settings.tokens?.(token)) ?? invalid("is not known here");
}

/** A rejection of something that no later try will make good. */
export function invalid(detail: string): Rejection {
  return { kind: "invalid", detail };
}

/** May the holder of `claims` do this in this room? `admin` may do all. */
export function may(claims: Claims, action: Scope, room: string): boolean {
  const { scope } = claims;
  return (scope.includes(action) || scope.includes("admin")) && areFor(claims, room);
}

/** Do the claims hold in this room, whatever they allow there? */
export function areFor({ rooms }: Claims, room: string): boolean {
  return rooms.some((pattern) => matchesGlob(pattern, room));
}

/** Do the claims hold no longer? */
export function isExpired({ expiresAt }: Claims, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** Is this a backend, with an API key? */
export function holdsKey({ identity }: Claims): boolean {
  return identity.startsWith(KEY);
}

async function findKey(token: string, keys: readonly ApiKey[]): Promise<ApiKey | undefined> {
  if (keys.length === 0) return undefined;
  const hash = await sha256Hex(token);
  // All keys are compared, each in constant time: the time taken tells nothing about them.
  const matches = keys.filter((key) => equal(hash, key.hash));
  return matches.find(({ id }) => token.startsWith(`${id}.`));
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
