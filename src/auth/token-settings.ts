/** The variables that say how tokens are verified (AUTH-1). */
import * as v from "valibot";
import type { VerifyToken } from "./access.ts";
import { Jwks, PUBLIC_ALGORITHMS } from "./jwks.ts";
import { RemoteJwks } from "./remote-jwks.ts";
import { bytesOf, SECRETS_FORM, Secrets } from "./secrets.ts";
import { type TokenRules, tokenVerifier } from "./token.ts";
import { takes } from "./variable.ts";

/** Over plain HTTP anybody on the way could put in a key; on the machine itself there is no way. */
function isKeyAddress(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "") return false;
  const isLoopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  return url.protocol === "https:" || (url.protocol === "http:" && isLoopback);
}

const ALGORITHMS = `HS256 with JWT_SECRET, with a key set one of ${PUBLIC_ALGORITHMS.join(", ")}`;

/** How each variable reads; whether they fit together, `readTokenSettings` says. */
export const TOKEN_VARIABLES = {
  JWT_SECRET: takes(SECRETS_FORM, Secrets),
  JWT_JWKS: takes("a JSON Web Key Set", v.pipe(v.string(), v.parseJson())),
  JWT_JWKS_URL: takes("an https address", v.pipe(v.string(), v.check(isKeyAddress))),
  JWT_ALGORITHM: takes(ALGORITHMS, v.picklist(["HS256", ...PUBLIC_ALGORITHMS])),
  JWT_ISSUER: takes("the iss of tokens, not empty", v.pipe(v.string(), v.minLength(1))),
  JWT_AUDIENCE: takes("the aud of tokens, not empty", v.pipe(v.string(), v.minLength(1))),
};

const Variables = v.object(TOKEN_VARIABLES);
type Given = v.InferOutput<typeof Variables>;

const wrongAlgorithm = { wrong: `JWT_ALGORITHM: takes ${ALGORITHMS}` };

/** What checks the tokens, undefined if none are accepted; or which variables don't fit together. */
export function readTokenSettings(
  given: Given,
  { now }: Pick<TokenRules, "now">,
): VerifyToken | undefined | { readonly wrong: string } {
  const { JWT_SECRET, JWT_JWKS, JWT_JWKS_URL, JWT_ALGORITHM, JWT_ISSUER, JWT_AUDIENCE } = given;
  const sources = { JWT_SECRET, JWT_JWKS, JWT_JWKS_URL };
  const count = countGiven(sources);
  if (count === 0 && countGiven({ JWT_ALGORITHM, JWT_ISSUER, JWT_AUDIENCE }) === 0)
    return undefined;
  // Which keys count must not be in doubt.
  if (count !== 1) return { wrong: `set one of ${Object.keys(sources).join(", ")}, and only one` };
  const rules = { issuer: JWT_ISSUER, audience: JWT_AUDIENCE, now };
  // A public key must never do as a secret, nor a secret as a public key.
  if (JWT_SECRET !== undefined) {
    if (JWT_ALGORITHM !== undefined && JWT_ALGORITHM !== "HS256") return wrongAlgorithm;
    return tokenVerifier({ ...rules, algorithm: "HS256", keysFor: secretKeys(JWT_SECRET) });
  }
  const algorithm = JWT_ALGORITHM;
  if (algorithm === undefined || algorithm === "HS256") return wrongAlgorithm;
  if (JWT_JWKS_URL !== undefined) {
    const remote = new RemoteJwks({ url: JWT_JWKS_URL, algorithm, now });
    return tokenVerifier({ ...rules, algorithm, keysFor: publicKeys(remote) });
  }
  const jwks = Jwks.read(JWT_JWKS, algorithm);
  if (jwks === undefined || jwks.size === 0) {
    return { wrong: "JWT_JWKS: takes a JSON Web Key Set with a usable key of JWT_ALGORITHM" };
  }
  return tokenVerifier({ ...rules, algorithm, keysFor: publicKeys(jwks) });
}

function countGiven(values: object): number {
  return Object.values(values).filter((value) => value !== undefined).length;
}

type KeysFor = TokenRules["keysFor"];

/** Any of them: a token's `kid` is not looked at. */
function secretKeys(secrets: readonly string[]): KeysFor {
  const keys = secrets.map(bytesOf);
  return async () => keys;
}

function publicKeys(jwks: Jwks | RemoteJwks): KeysFor {
  return async (kid) => {
    const key = await jwks.find(kid);
    if (key === "unavailable") return key;
    return key === undefined ? [] : [key];
  };
}
