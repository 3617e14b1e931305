/** What a request to the Engine.IO path asks for, read from its query, method and headers. */
import { ENGINE_ERRORS, type EngineError } from "./engine.ts";
import { type Format, isFormat } from "./format.ts";

/** A well-formed Engine.IO request. */
export type EngineRequest =
  | {
      readonly kind: "handshake";
      readonly transport: Transport;
      /** The form of its events, if the client chose one. */
      readonly format: Format | undefined;
    }
  | { readonly kind: "poll"; readonly sid: string }
  | { readonly kind: "post"; readonly sid: string }
  | { readonly kind: "upgrade"; readonly sid: string };

export type Transport = "polling" | "websocket";

/** The parts of an HTTP request that decide. */
export type RequestLine = {
  readonly method: string;
  readonly query: URLSearchParams;
  /** Is there an `Upgrade: websocket` header? */
  readonly upgrade: boolean;
};

/**
 * Sorts a request by the reference server's rules, in its order: transport, then session, then
 * method, then version. Whether a session exists is the room's to say.
 * @returns the request, or the error that it gets
 */
export function readEngineRequest({
  method,
  query,
  upgrade,
}: RequestLine): EngineRequest | EngineError {
  const transport = single(query, "transport");
  if (transport !== "polling" && transport !== "websocket") return ENGINE_ERRORS.transportUnknown;
  // A WebSocket needs its upgrade, and an upgrade to anything else makes no sense.
  if ((transport === "websocket") !== upgrade) return ENGINE_ERRORS.badRequest;
  const versionOk = single(query, "EIO") === "4";

  if (query.has("sid")) {
    const sid = readSid(query);
    if (sid === undefined) return ENGINE_ERRORS.sessionUnknown;
    if (!versionOk) return ENGINE_ERRORS.badRequest;
    if (method === "GET") return { kind: upgrade ? "upgrade" : "poll", sid };
    if (method === "POST" && !upgrade) return { kind: "post", sid };
    return ENGINE_ERRORS.badMethod;
  }
  if (method !== "GET") return ENGINE_ERRORS.badMethod;
  if (!versionOk) return ENGINE_ERRORS.unsupportedVersion;
  const format = query.has("format") ? single(query, "format") : undefined;
  if (query.has("format") && !isFormat(format)) return ENGINE_ERRORS.badRequest;
  return { kind: "handshake", transport, format: isFormat(format) ? format : undefined };
}

/** Is this what `readEngineRequest` refused? */
export function isEngineError(answer: EngineRequest | EngineError): answer is EngineError {
  return "code" in answer;
}

/** Session ids are made by `session/ids.ts`; anything else need not be looked up. */
const SID = /^[A-Za-z0-9_-]{20}$/;

/** The session that a request says it belongs to; undefined for none, and for what never was an id. */
export function readSid(query: URLSearchParams): string | undefined {
  const sid = single(query, "sid");
  return sid !== undefined && SID.test(sid) ? sid : undefined;
}

/** A parameter that was given exactly once. */
function single(query: URLSearchParams, name: string): string | undefined {
  const values = query.getAll(name);
  return values.length === 1 ? values[0] : undefined;
}
