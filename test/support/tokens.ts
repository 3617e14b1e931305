/** Signs tokens with nothing but the platform's crypto: as an issuer does it, and as nobody should. */

const ALGORITHMS = {
  HS256: { name: "HMAC", hash: "SHA-256" },
  ES256: { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  RS256: { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" },
  EdDSA: { name: "Ed25519" },
} as const;

export type Algorithm = keyof typeof ALGORITHMS;

/** A private key, or a secret as a JWK of type `oct`. */
export type SigningKey = {
  readonly alg: Algorithm;
  readonly kid?: string;
  readonly jwk: JsonWebKey;
};

export const ISSUER = "https://issuer.example";
export const AUDIENCE = "roomlog";
export const SECRET = "a secret of the tests' own, as long as it has to be".replaceAll(" ", "-");

/** A secret's text, as `JWT_SECRET` has it. */
export function secretKey(secret: string): SigningKey {
  return { alg: "HS256", jwk: { kty: "oct", k: base64url(secret) } };
}

export function base64url(data: string | Uint8Array): string {
  const bytes = typeof data === "string" ? new TextEncoder().encode(data) : data;
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const json = (value: unknown) =>
  base64url(typeof value === "string" ? value : JSON.stringify(value));

/** Header and payload as they are to stand there; text goes in as it is. */
export async function sign(key: SigningKey, header: unknown, payload: unknown): Promise<string> {
  const input = `${json(header)}.${json(payload)}`;
  return `${input}.${base64url(await signature(key, input))}`;
}

async function signature({ alg, jwk }: SigningKey, input: string): Promise<Uint8Array> {
  const algorithm = ALGORITHMS[alg];
  const key = await crypto.subtle.importKey("jwk", jwk, algorithm, false, ["sign"]);
  const signed = await crypto.subtle.sign(algorithm, key, new TextEncoder().encode(input));
  return new Uint8Array(signed);
}

export function headerOf({ alg, kid }: SigningKey): Record<string, unknown> {
  return { alg, typ: "JWT", ...(kid !== undefined && { kid }) };
}

/** What a good token says: for an hour, for all rooms, to read and write. */
export function claimsAt(now: number, changes: object = {}): Record<string, unknown> {
  const seconds = Math.floor(now / 1_000);
  const life = { iat: seconds, exp: seconds + 3_600 };
  const rights = { room: "*", scope: ["read", "write"] };
  return { iss: ISSUER, aud: AUDIENCE, sub: "ann", ...life, ...rights, ...changes };
}

/** A token as it should be, but for `changes` of its claims. */
export function tokenOf(
  key: SigningKey,
  changes: object = {},
  now: number = Date.now(),
): Promise<string> {
  return sign(key, headerOf(key), claimsAt(now, changes));
}
