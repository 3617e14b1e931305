/** Browser origins: an exact allow-list, for polling, upgrade and API alike (AUTH-5). */

const ALLOWED_METHODS = "GET, POST, PATCH, DELETE, OPTIONS";
const ALLOWED_HEADERS = "accept, authorization, content-type, idempotency-key, last-event-id";
/** Beside those that any page may read. */
const EXPOSED_HEADERS = "retry-after";
/** Seconds for which a browser may remember a preflight's answer. */
const PREFLIGHT_AGE = "600";

/** Has this request an origin that could be none? The runtime lets most control characters through. */
export function isOriginMalformed(request: Request): boolean {
  return /\p{Cc}/u.test(request.headers.get("origin") ?? "");
}

/**
 * May this request's origin use the relay? Requests without one (no browser) and from the relay's
 * own pages may.
 * @param allowed origins such as `https://app.example`, or `*`
 */
export function isOriginAllowed(request: Request, allowed: readonly string[]): boolean {
  const origin = request.headers.get("origin");
  if (origin === null || allowed.includes("*")) return true;
  return origin === new URL(request.url).origin || allowed.includes(origin);
}

/** The answer to an allowed preflight. */
export function preflightResponse(): Response {
  const headers = {
    "access-control-allow-methods": ALLOWED_METHODS,
    "access-control-allow-headers": ALLOWED_HEADERS,
    "access-control-max-age": PREFLIGHT_AGE,
  };
  return new Response(null, { status: 204, headers });
}

/**
 * Lets the page of an allowed origin read the answer, and tells caches that another origin's is
 * another. A WebSocket's is left as it is.
 * Credentials go only to origins that are listed: `*` is everybody.
 */
export function withCors(
  request: Request,
  response: Response,
  allowed: readonly string[],
): Response {
  if (response.webSocket) return response;
  const readable = new Response(response.body, response);
  readable.headers.append("vary", "Origin");
  const origin = request.headers.get("origin");
  if (origin === null) return readable;
  readable.headers.set("access-control-allow-origin", origin);
  if (allowed.includes(origin)) readable.headers.set("access-control-allow-credentials", "true");
  readable.headers.set("access-control-expose-headers", EXPOSED_HEADERS);
  return readable;
}
