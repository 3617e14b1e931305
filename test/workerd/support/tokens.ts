/** Tokens as the Worker's issuer signs them; `vitest.config.ts` gives the key. */
import { env } from "cloudflare:workers";
import { type SigningKey, tokenOf } from "../../support/tokens.ts";

export const KEY: SigningKey = JSON.parse(String(env.SIGNING_KEY));

/** A good token, but for `changes` of its claims. */
export function token(changes: object = {}): Promise<string> {
  return tokenOf(KEY, changes);
}

export async function bearerOf(changes: object = {}): Promise<{ authorization: string }> {
  return { authorization: `Bearer ${await token(changes)}` };
}
