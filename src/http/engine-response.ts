/** Engine.IO's HTTP answers. */
import type { EngineError } from "../protocol/engine.ts";

const TEXT = { "content-type": "text/plain; charset=UTF-8", "cache-control": "no-store" };

/** A polling payload, or the `ok` to a POST. */
export function engineResponse(payload: string): Response {
  return new Response(payload, { headers: TEXT });
}

/** A refusal, with the reference server's body. */
export function engineErrorResponse({ code, message, status }: EngineError): Response {
  return Response.json({ code, message }, { status, headers: { "cache-control": "no-store" } });
}
