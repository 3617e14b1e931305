/** Public keys as JSON (RFC 7517), and those of them that may verify tokens. */
import { importJWK } from "jose/key/import";
import * as v from "valibot";

/** The algorithms of tokens that are verified with public keys. */
export const PUBLIC_ALGORITHMS = ["ES256", "RS256", "EdDSA"] as const;

export type PublicAlgorithm = (typeof PUBLIC_ALGORITHMS)[number];

/** What a signature is verified with: a public key, or a secret's bytes. */
export type VerifyKey = Awaited<ReturnType<typeof importJWK>>;

const number = v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/));

/** By algorithm; only what is named is taken over, so a private key's secret parts are not. */
const Parameters = {
  ES256: v.object({ kty: v.literal("EC"), crv: v.literal("P-256"), x: number, y: number }),
  // RFC 7518 §3.3: at least 2048 bits.
  RS256: v.object({ kty: v.literal("RSA"), n: v.pipe(number, v.minLength(342)), e: number }),
  EdDSA: v.object({ kty: v.literal("OKP"), crv: v.literal("Ed25519"), x: number }),
};

/** For what a key is meant, if it says. */
const Use = v.object({
  kid: v.optional(v.string()),
  alg: v.optional(v.string()),
  use: v.optional(v.literal("sig")),
  key_ops: v.optional(v.pipe(v.array(v.string()), v.includes("verify"))),
});

const JwkSet = v.object({ keys: v.array(v.unknown()) });

type Jwk = v.InferOutput<(typeof Parameters)[PublicAlgorithm]>;

/** A usable key, and its name, if it has one. */
type Named = { readonly kid: string | undefined; readonly jwk: Jwk };

export class Jwks {
  readonly #algorithm: PublicAlgorithm;
  readonly #keys: readonly Named[];
  readonly #imported = new Map<Named, VerifyKey>();

  private constructor(algorithm: PublicAlgorithm, keys: readonly Named[]) {
    this.#algorithm = algorithm;
    this.#keys = keys;
  }

  /**
   * Reads a key set. Keys of another algorithm or for something else are left out.
   * @returns undefined for what is no key set
   */
  static read(value: unknown, algorithm: PublicAlgorithm): Jwks | undefined {
    const set = v.safeParse(JwkSet, value);
    if (!set.success) return undefined;
    const keys: Named[] = [];
    for (const key of set.output.keys) {
      const use = v.safeParse(Use, key);
      const parameters = v.safeParse(Parameters[algorithm], key);
      if (!use.success || !parameters.success) continue;
      const { kid, alg = algorithm } = use.output;
      // RFC 9864 renames EdDSA; its parameters have said that the key is of that kind.
      if (alg === algorithm || alg === "Ed25519") keys.push({ kid, jwk: parameters.output });
    }
    return new Jwks(algorithm, keys);
  }

  /** How many of the keys can be used. */
  get size(): number {
    return this.#keys.length;
  }

  /** The key that `kid` names; without a `kid` the only one, if there is just one. */
  async find(kid: string | undefined): Promise<VerifyKey | undefined> {
    const [first, ...others] =
      kid === undefined ? this.#keys : this.#keys.filter((key) => key.kid === kid);
    return first === undefined || others.length > 0 ? undefined : await this.#import(first);
  }

  async #import(named: Named): Promise<VerifyKey | undefined> {
    const known = this.#imported.get(named);
    if (known !== undefined) return known;
    try {
      const key = await importJWK(named.jwk, this.#algorithm);
      this.#imported.set(named, key);
      return key;
    } catch {
      // It looks like a key and is none, such as a point that is not on the curve.
      return undefined;
    }
  }
}
