/** Tokens that have to be refused, each for one reason; the number is that of the table of bad inputs. */
import { claimsAt, headerOf, type SigningKey, secretKey, sign, tokenOf } from "./tokens.ts";

export type BadToken = {
  readonly title: string;
  /** Made by somebody who has the deployment's own key, so that nothing but this one thing is wrong. */
  forge(key: SigningKey, now: number): Promise<string>;
  readonly code: "invalid_token" | "token_expired";
};

const HOUR = 3_600;
const seconds = (now: number) => Math.floor(now / 1_000);

function bad(title: string, forge: BadToken["forge"]): BadToken {
  return { title, forge, code: "invalid_token" };
}

/** With other claims. */
function claims(title: string, changes: (now: number) => object): BadToken {
  return bad(title, (key, now) => tokenOf(key, changes(now), now));
}

/** With more in its header. */
function header(title: string, changes: object): BadToken {
  return bad(title, (key, now) => sign(key, { ...headerOf(key), ...changes }, claimsAt(now)));
}

/** Changed after it was signed. */
function changed(title: string, change: (parts: [string, string, string]) => string): BadToken {
  return bad(title, async (key, now) => {
    const [head = "", payload = "", signature = ""] = (await tokenOf(key, {}, now)).split(".");
    return change([head, payload, signature]);
  });
}

/** The same bytes, spelled with other unused bits in the last character. */
function respelled(part: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(part.slice(-1));
  return part.slice(0, -1) + alphabet.charAt(last + 1);
}

const stranger = secretKey("somebody else's secret, which is long enough as well");
const asAlg = (alg: string) => (key: SigningKey, now: number) =>
  sign(key, { ...headerOf(key), alg }, claimsAt(now));

export const BAD_TOKENS: readonly BadToken[] = [
  ...["none", "None", "nOnE", "NONE", ""].flatMap((alg) => [
    bad(`BAD-82 alg ${alg || "empty"}, and no signature`, async (key, now) =>
      (await asAlg(alg)(key, now)).replace(/[^.]*$/, ""),
    ),
    bad(`BAD-82 alg ${alg || "empty"}, and a signature`, asAlg(alg)),
  ]),
  ...["HS384", "HS512", "hs256", "PS256", "ES384"].map((alg) =>
    bad(`BAD-82 alg ${alg}`, asAlg(alg)),
  ),
  bad("BAD-82 no alg", (key, now) => sign(key, { typ: "JWT" }, claimsAt(now))),
  bad("BAD-82 two algs", (key, now) =>
    sign(key, `{"alg":"${key.alg}","alg":"none"}`, claimsAt(now)),
  ),
  {
    title: "BAD-84 exp is past",
    forge: (key, now) => tokenOf(key, { exp: seconds(now) - 1 }, now),
    code: "token_expired",
  },
  {
    title: "BAD-84 exp is 0",
    forge: (key, now) => tokenOf(key, { exp: 0 }, now),
    code: "token_expired",
  },
  claims("BAD-84 exp is missing", () => ({ exp: undefined })),
  claims("BAD-84 exp is null", () => ({ exp: null })),
  claims("BAD-84 exp is text", (now) => ({ exp: String(seconds(now) + HOUR) })),
  claims("BAD-84 exp is 1e300", () => ({ exp: 1e300 })),
  bad("BAD-84 exp is beyond all numbers", (key, now) =>
    sign(
      key,
      headerOf(key),
      JSON.stringify({ ...claimsAt(now), exp: 1 }).replace(/"exp":1\b/, '"exp":1e999'),
    ),
  ),
  claims("BAD-84 exp is negative", () => ({ exp: -1 })),
  claims("BAD-84 exp is a list", (now) => ({ exp: [seconds(now) + HOUR] })),
  claims("BAD-84 exp is in milliseconds beyond all dates", () => ({ exp: 8.64e15 })),
  claims("BAD-84 nbf is in the future", (now) => ({ nbf: seconds(now) + 60 })),
  claims("BAD-84 nbf is text", () => ({ nbf: "0" })),
  claims("BAD-84 iat is in the future", (now) => ({ iat: seconds(now) + 60 })),
  claims("BAD-84 iat is null", () => ({ iat: null })),
  ...[
    "../../key",
    "' OR 1=1 --",
    "https://keys.example/1",
    "unknown",
    "__proto__",
    "x".repeat(500),
  ].map((kid) =>
    bad(`BAD-85 kid ${kid.slice(0, 30)}, signed by a stranger`, (_, now) =>
      sign(stranger, { ...headerOf(stranger), kid }, claimsAt(now)),
    ),
  ),
  header("BAD-85 kid is a number", { kid: 1 }),
  header("BAD-85 kid is null", { kid: null }),
  header("BAD-85 jku", { jku: "https://keys.example/jwks.json" }),
  header("BAD-85 x5u", { x5u: "https://keys.example/cert.pem" }),
  header("BAD-85 jwk", { jwk: { kty: "oct", k: "c2VjcmV0" } }),
  header("BAD-85 crit", { crit: ["exp"] }),
  header("BAD-85 crit with b64", { crit: ["b64"], b64: true }),
  header("BAD-85 crit, empty", { crit: [] }),
  bad("BAD-85 its own key, with which it is signed", (_, now) =>
    sign(stranger, { ...headerOf(stranger), jwk: stranger.jwk }, claimsAt(now)),
  ),
  claims("BAD-86 another iss", () => ({ iss: "https://other.example" })),
  claims("BAD-86 iss with a slash more", () => ({ iss: "https://issuer.example/" })),
  claims("BAD-86 no iss", () => ({ iss: undefined })),
  claims("BAD-86 another aud", () => ({ aud: "other" })),
  claims("BAD-86 other auds", () => ({ aud: ["other", "Roomlog"] })),
  claims("BAD-86 no aud", () => ({ aud: undefined })),
  claims("BAD-86 aud is an object", () => ({ aud: { roomlog: true } })),
  claims("AUTH-7 no sub", () => ({ sub: undefined })),
  claims("AUTH-7 sub is empty", () => ({ sub: "" })),
  claims("AUTH-7 sub is a number", () => ({ sub: 7 })),
  claims("AUTH-7 sub is too long", () => ({ sub: "s".repeat(257) })),
  claims("AUTH-7 sub is no text", () => ({ sub: "\ud800" })),
  claims("AUTH-7 no room", () => ({ room: undefined })),
  claims("AUTH-7 room is no room's name", () => ({ room: "a/b" })),
  claims("AUTH-7 room is an object", () => ({ room: {} })),
  claims("AUTH-7 one of the rooms is none", () => ({ room: ["lobby", ""] })),
  claims("AUTH-7 too many rooms", () => ({ room: Array.from({ length: 65 }, (_, i) => `r${i}`) })),
  claims("AUTH-7 no scope", () => ({ scope: undefined })),
  claims("AUTH-7 scope is an object", () => ({ scope: { read: true } })),
  claims("AUTH-7 scope holds a number", () => ({ scope: ["read", 1] })),
  bad("BAD-87 a megabyte", async (key, now) => tokenOf(key, { more: "x".repeat(700_000) }, now)),
  bad("BAD-87 one character too long", async (key, now) => {
    const more = (length: number) => tokenOf(key, { more: "x".repeat(length) }, now);
    const { length } = await more(0);
    const token = await more(Math.ceil(((8_193 - length) * 3) / 4) + 1);
    if (token.length < 8_193 || token.length > 8_197) throw new Error(`${token.length}`);
    return token;
  }),
  changed("BAD-87 four parts", (parts) => [...parts, ""].join(".")),
  changed("BAD-87 five parts", (parts) => [...parts, "AA", "AA"].join(".")),
  changed("BAD-87 two parts", ([head, payload]) => `${head}.${payload}`),
  changed("BAD-87 its signature cut off", ([head, payload]) => `${head}.${payload}.`),
  changed("BAD-87 half its signature", ([head, payload, signature]) =>
    [head, payload, signature.slice(0, 20)].join("."),
  ),
  changed("BAD-87 its signature spelled otherwise", ([head, payload, signature]) =>
    [head, payload, respelled(signature)].join("."),
  ),
  changed("BAD-87 its signature padded", (parts) => `${parts.join(".")}=`),
  changed("BAD-87 another signature", ([head, payload, signature]) =>
    [head, payload, (signature[0] === "A" ? "B" : "A") + signature.slice(1)].join("."),
  ),
  changed("BAD-87 another payload", ([head, payload, signature]) =>
    [head, `${payload.slice(0, -8)}AAAA${payload.slice(-4)}`, signature].join("."),
  ),
  changed("BAD-87 base64, not base64url", ([head, , signature]) => `${head}.a+b/.${signature}`),
  changed("BAD-87 white space in it", ([head, payload, signature]) =>
    [head, payload, `${signature.slice(0, 8)}\n${signature.slice(8)}`].join("."),
  ),
  changed("BAD-87 a header that is no JSON", ([, payload, signature]) =>
    ["AAAA", payload, signature].join("."),
  ),
  bad("BAD-87 a header that is a list", (key, now) => sign(key, "[]", claimsAt(now))),
  bad("BAD-87 a payload that is a list", (key) => sign(key, headerOf(key), "[]")),
  bad("BAD-87 a payload that is null", (key) => sign(key, headerOf(key), "null")),
  bad("BAD-87 a payload that is no JSON", (key) => sign(key, headerOf(key), "{")),
];
