/** `roomlog token`: a token for a client (AUTH-1). */
import { createPrivateKey, type KeyObject } from "node:crypto";
import { readFileSync } from "node:fs";
import { readSeconds } from "../server/duration.ts";
import { type Scope, type SigningKey, signToken } from "../server.ts";
import { exactly, readArguments } from "./arguments.ts";
import type { Command, Context } from "./command.ts";
import { print } from "./output.ts";
import { UsageError } from "./usage-error.ts";

/** By the type of a private key. */
const ALGORITHMS = { ec: "ES256", rsa: "RS256", ed25519: "EdDSA" } as const;

export const token: Command = {
  summary: "make a token for a client",
  help: `
Makes a token that a client sends as auth.token, and prints it.

  roomlog token --sub alice --room 'orders-*' --scope read,write --expires 1h

  --sub <name>           who holds it
  --room <names>         where: names, or patterns with *, separated by commas
  --scope <scopes>       what it may do: read, write, presence, admin (default read)
  --expires <time>       for how long: 30s, 15m, 1h, 7d (default 1h)
  --private-key <file>   signs with this key, PEM or JWK, instead of a secret
  --kid <id>             which key of the relay's JWKS that is
  --issuer <name>        for a relay with JWT_ISSUER
  --audience <name>      for a relay with JWT_AUDIENCE

Without --private-key it is signed with ROOMLOG_JWT_SECRET, which is the relay's JWT_SECRET.
`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, {
      sub: { type: "string" },
      room: { type: "string" },
      scope: { type: "string", default: "read" },
      expires: { type: "string", default: "1h" },
      "private-key": { type: "string" },
      kid: { type: "string" },
      issuer: { type: "string" },
      audience: { type: "string" },
    });
    exactly(positionals);
    const { sub, room, scope, expires, kid, issuer, audience } = values;
    if (sub === undefined) throw new UsageError("--sub is missing");
    if (room === undefined) throw new UsageError("--room is missing");
    const expiresIn = /^\d+$/.test(expires) ? Number(expires) : expires;
    if (readSeconds(expiresIn) === undefined) {
      throw new UsageError(`--expires "${expires}" is no time, such as 30s, 15m, 1h, 7d`);
    }
    const rooms = words(room);
    const claims = {
      sub,
      room: rooms.length === 1 ? room : rooms,
      // Which of them are scopes is checked where they are signed.
      scope: words(scope) as Scope[],
      expiresIn,
      ...(issuer !== undefined && { issuer }),
      ...(audience !== undefined && { audience }),
    };
    const signedWith = signingKey(values["private-key"], kid, context);
    try {
      await print(await signToken({ ...claims, ...signedWith }), context.signal);
    } catch (error) {
      if (error instanceof TypeError) throw new UsageError(error.message);
      throw error;
    }
  },
};

function signingKey(
  file: string | undefined,
  kid: string | undefined,
  { env }: Context,
): SigningKey {
  if (file !== undefined) return { ...readKey(file), ...(kid !== undefined && { kid }) };
  if (kid !== undefined) throw new UsageError("--kid goes with --private-key");
  const secret = env.ROOMLOG_JWT_SECRET;
  if (secret) return { secret };
  throw new UsageError("set ROOMLOG_JWT_SECRET to the relay's JWT_SECRET, or use --private-key");
}

function readKey(file: string) {
  const text = readFileSync(file, "utf8");
  let key: KeyObject;
  try {
    // Node also takes the older forms of PEM that OpenSSL writes.
    key = createPrivateKey(
      text.trimStart().startsWith("{") ? { key: JSON.parse(text), format: "jwk" } : text,
    );
  } catch {
    throw new UsageError(`${file} holds no private key, as PEM without a passphrase or as a JWK`);
  }
  const type = key.asymmetricKeyType;
  if (type !== "ec" && type !== "rsa" && type !== "ed25519") {
    throw new UsageError(`${file}: a key has to be of type EC (P-256), RSA or Ed25519`);
  }
  const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey, algorithm: ALGORITHMS[type] };
}

function words(text: string): string[] {
  return text.split(",").map((word) => word.trim());
}
