/** Tokens for clients (AUTH-1), signed where the backend knows who they are. */
import { type CryptoKey, importJWK, importPKCS8, type JWK, SignJWT } from "jose";
import * as v from "valibot";
import { Scope } from "../auth/scope.ts";
import { bytesOf, SECRETS_FORM, Secrets } from "../auth/secrets.ts";
import { readSeconds } from "./duration.ts";
import { ANYTHING, must, mustBe, type Shape, STRING } from "./must.ts";

/** What the token says. */
export type TokenClaims = {
  /** Who holds it: 1 to 256 characters. Idempotency keys belong to it. */
  readonly sub: string;
  /** Where it holds: a room's name, or several; `*` in one stands for any run of characters. */
  readonly room: string | readonly string[];
  /** What may be done there. */
  readonly scope: Scope | readonly Scope[];
  /** For how long: seconds, or such as `"30s"`, `"15m"`, `"1h"`, `"7d"`. */
  readonly expiresIn: number | string;
  readonly issuer?: string;
  readonly audience?: string;
};

/** What it is signed with: the relay's `JWT_SECRET`, or the private half of a key in its JWKS. */
export type SigningKey =
  /** HS256. Read as the relay reads it: of several, the first signs. */
  | {
      readonly secret: string;
      readonly privateKey?: never;
      readonly algorithm?: never;
      readonly kid?: never;
    }
  | {
      /** PKCS #8 as PEM text, a JWK, or a key of Web Crypto. */
      readonly privateKey: string | JWK | CryptoKey;
      readonly algorithm: "ES256" | "RS256" | "EdDSA";
      /** Which key of the JWKS it is. */
      readonly kid?: string;
      readonly secret?: never;
    };

/** Of some, what they are is told in more words where they are read. */
const OPTIONS: Shape = {
  sub: ANYTHING,
  room: ANYTHING,
  scope: ANYTHING,
  expiresIn: ANYTHING,
  issuer: STRING,
  audience: STRING,
  secret: ANYTHING,
  privateKey: ANYTHING,
  algorithm: ANYTHING,
  kid: STRING,
};

const MAX_SUB = 256;
const MAX_ROOMS = 64;
const ALGORITHMS = ["ES256", "RS256", "EdDSA"];
const ROOM_PATTERN = /^[A-Za-z0-9_.:~*-]{1,128}$/;

/**
 * Signs a token that a client sends as `auth.token`, or over HTTP as `Authorization: Bearer`.
 * @example
 *   await signToken({ sub: "alice", room: "orders-*", scope: ["read"], expiresIn: "15m", secret });
 * @throws TypeError that says what is wrong; it never holds the secret
 */
export async function signToken(options: TokenClaims & SigningKey): Promise<string> {
  mustBe(OPTIONS, options, "options");
  const { sub, room, scope, issuer, audience } = options;
  const rooms = typeof room === "string" ? [room] : room;
  const scopes: readonly unknown[] = typeof scope === "string" ? [scope] : scope;
  const seconds = readSeconds(options.expiresIn);
  if (typeof sub !== "string" || sub === "" || sub.length > MAX_SUB || !sub.isWellFormed()) {
    throw new TypeError(`sub has to be a well-formed string of 1 to ${MAX_SUB} characters`);
  }
  if (!Array.isArray(rooms) || rooms.length === 0 || rooms.length > MAX_ROOMS) {
    throw new TypeError(`room has to be a room's name, or a list of 1 to ${MAX_ROOMS}`);
  }
  const notRoom = rooms.find((name) => !ROOM_PATTERN.test(String(name)));
  if (notRoom !== undefined) throw new TypeError(`not a room's name or pattern: ${notRoom}`);
  if (!Array.isArray(scopes) || scopes.length === 0) {
    throw new TypeError(`scope has to be some of ${Scope.options.join(", ")}`);
  }
  const notScope = scopes.find((name) => !Scope.options.some((known) => known === name));
  if (notScope !== undefined) {
    throw new TypeError(`not a scope: ${notScope}; there are ${Scope.options.join(", ")}`);
  }
  if (seconds === undefined) {
    throw new TypeError('expiresIn has to be seconds, or such as "30s", "15m", "1h", "7d"');
  }
  const { key, header } = await signingKey(options);
  const now = Math.floor(Date.now() / 1_000);
  const token = new SignJWT({ room, scope: scopes })
    .setProtectedHeader(header)
    .setSubject(sub)
    .setIssuedAt(now)
    .setExpirationTime(now + seconds);
  if (issuer !== undefined) token.setIssuer(issuer);
  if (audience !== undefined) token.setAudience(audience);
  return await token.sign(key);
}

async function signingKey(options: SigningKey) {
  if (options.privateKey === undefined) {
    const isAlone = options.algorithm === undefined && options.kid === undefined;
    must(isAlone, "algorithm and kid go with privateKey: a secret signs with HS256");
    const secrets = v.safeParse(Secrets, options.secret);
    const [first] = secrets.success ? secrets.output : [];
    if (first === undefined) {
      throw new TypeError(`secret has to be as the relay's JWT_SECRET: ${SECRETS_FORM}`);
    }
    return { key: bytesOf(first), header: { alg: "HS256" } };
  }
  const { privateKey, algorithm, kid } = options;
  must(options.secret === undefined, "secret and privateKey can't both be there");
  if (!ALGORITHMS.includes(algorithm)) {
    throw new TypeError(`algorithm has to be one of ${ALGORITHMS.join(", ")}`);
  }
  const header = { alg: algorithm, ...(kid !== undefined && { kid }) };
  return { key: await importKey(privateKey, algorithm), header };
}

async function importKey(key: string | JWK | CryptoKey, algorithm: string) {
  try {
    if (typeof key === "string") return await importPKCS8(key, algorithm);
    return "kty" in key ? await importJWK(key, algorithm) : key;
  } catch (cause) {
    const detail = `privateKey is no private key for ${algorithm}, as PKCS #8 in PEM or as a JWK`;
    throw new TypeError(detail, { cause });
  }
}
