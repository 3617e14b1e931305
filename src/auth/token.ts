/** JSON Web Tokens: their form and their signature (AUTH-1). What they say is token-claims.ts. */
import { JOSEError } from "jose/errors";
import { compactVerify } from "jose/jws/compact/verify";
import * as v from "valibot";
import { invalid, type VerifyToken } from "./access.ts";
import type { VerifyKey } from "./jwks.ts";
import { type Expected, readClaims } from "./token-claims.ts";

/** How a deployment's tokens are verified. */
export type TokenRules = Expected & {
  /** The only one: a token's own word for it counts for nothing. */
  readonly algorithm: string;
  /** The keys that may have signed a token with this header. */
  keysFor(kid: string | undefined): Promise<readonly VerifyKey[] | "unavailable">;
  /** Milliseconds since 1970. */
  now(): number;
};

/**
 * Three parts in base64url, each in its only spelling: the bits that the last character of one has
 * too many are zero. So a token can't be changed in any way and stay valid.
 */
const PART = "(?:[\\w-]{4})*(?:[\\w-][AQgw]|[\\w-]{2}[AEIMQUYcgkosw048])?";
const TOKEN = new RegExp(`^(${PART})\\.${PART}\\.${PART}$`);

const Header = v.looseObject({ alg: v.string(), kid: v.optional(v.string()) });

/** They name keys, or what has to be understood; here only the settings do. */
const REFUSED_HEADERS = ["jku", "jwk", "x5u", "crit"] as const;

/** Makes what checks a deployment's tokens. */
export function tokenVerifier(rules: TokenRules): VerifyToken {
  const { algorithm } = rules;
  return async (token) => {
    const encoded = TOKEN.exec(token)?.[1];
    if (encoded === undefined) return invalid("is not known here, and no JWT");
    const header = v.safeParse(v.pipe(v.string(), v.parseJson(), Header), decode(encoded));
    if (!header.success) return invalid("has a header that makes no sense");
    const { alg, kid } = header.output;
    if (alg !== algorithm) return invalid(`has another alg than ${algorithm}`);
    const refused = REFUSED_HEADERS.find((name) => name in header.output);
    if (refused !== undefined) return invalid(`has ${refused} in its header`);

    const keys = await rules.keysFor(kid);
    if (keys === "unavailable") return { kind: "unavailable" };
    const payload = await verify(token, keys, algorithm);
    if (payload === undefined) return invalid("has a signature that is not valid here");
    const json = v.safeParse(v.pipe(v.string(), v.parseJson()), payload);
    return readClaims(json.output, rules, rules.now());
  };
}

/** The payload's text, if one of the keys has signed it. */
async function verify(
  token: string,
  keys: readonly VerifyKey[],
  algorithm: string,
): Promise<string | undefined> {
  for (const key of keys) {
    try {
      const { payload } = await compactVerify(token, key, { algorithms: [algorithm] });
      return decodeUtf8(payload);
    } catch (error) {
      if (!(error instanceof JOSEError)) throw error;
    }
  }
  return undefined;
}

function decode(base64url: string): string | undefined {
  const binary = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return decodeUtf8(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
