/** How often one address may ask, where a rate limit is bound: shed before anything is woken (HTTP-30). */
import type { Env } from "../env.ts";
import { RelayError } from "../errors.ts";
import { readSid } from "../protocol/handshake.ts";

/** The shortest period that a rate limit can have, in seconds. */
const PERIOD = 10;

/**
 * A session's own requests are not counted: their number is the room's concern, and one refused
 * would cost the client its session. Whether there is such a session only its room can tell.
 * https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/
 * @param engine is it one of Engine.IO's?
 * @throws RelayError `rate_limited`
 */
export async function limitRate(
  request: Request,
  { RATE_LIMITER }: Env,
  engine: boolean,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url);
  if (RATE_LIMITER === undefined || pathname === "/healthz") return;
  if (engine && readSid(searchParams) !== undefined) return;
  const { success } = await RATE_LIMITER.limit({ key: addressOf(request) ?? "unknown" });
  if (success) return;
  throw new RelayError("rate_limited", "too many requests from this address", {
    retryAfter: PERIOD,
  });
}

/** Where a request comes from. Cloudflare's edge writes this header anew, whatever the client sent. */
export function addressOf(request: Request): string | undefined {
  return request.headers.get("cf-connecting-ip") ?? undefined;
}
