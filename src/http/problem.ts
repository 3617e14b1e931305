/** Errors as RFC 9457 describes them. */
import { ERRORS, type RelayError } from "../errors.ts";

/** `{ type, title, status, code, detail }`, and what else belongs to the error. */
export function problemResponse({ code, message, extra }: RelayError): Response {
  const { status, title } = ERRORS[code];
  const body = {
    type: `urn:roomlog:error:${code}`,
    title,
    status,
    code,
    detail: message,
    ...extra,
  };
  const headers = new Headers({
    "content-type": "application/problem+json",
    "cache-control": "no-store",
  });
  // RFC 9110 §11.6.1: a 401 says which scheme would do.
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="roomlog"');
  // RFC 9110 §10.2.3, in seconds.
  if (status === 429 || status === 503) headers.set("retry-after", String(extra.retryAfter ?? 1));
  return new Response(JSON.stringify(body), { status, headers });
}
