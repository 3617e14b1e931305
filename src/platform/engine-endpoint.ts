/** Engine.IO's end of a room: requests and WebSockets in, the sessions' answers out. */
import { type ErrorCode, RelayError } from "../errors.ts";
import { readText } from "../http/body.ts";
import { engineErrorResponse, engineResponse } from "../http/engine-response.ts";
import { problemResponse } from "../http/problem.ts";
import { addressOf } from "../http/rate-limit.ts";
import { ENGINE_ERRORS, type EngineError, isLongerThan, type Packet } from "../protocol/engine.ts";
import type { Format } from "../protocol/format.ts";
import { type EngineRequest, isEngineError, readEngineRequest } from "../protocol/handshake.ts";
import { SLEEPING_INTERVAL } from "../session/heartbeat.ts";
import type { SessionSettings } from "../session/host.ts";
import type { Sessions } from "../session/sessions.ts";
import { CLOSE_CODES, type Wire } from "../session/wire.ts";
import { awakeWire, listen, sleepingWire } from "./socket-wire.ts";

/** What the endpoint needs of its room. */
export type EngineEndpointPorts = {
  readonly ctx: DurableObjectState;
  readonly sessions: Sessions;
  readonly settings: SessionSettings;
  /** The form of events for those who don't choose one. */
  format(): Format;
  /** Counts a request that is refused. */
  refused(code: ErrorCode): void;
};

export class EngineEndpoint {
  readonly #ports: EngineEndpointPorts;
  readonly #wires = new Map<WebSocket, Wire>();

  constructor(ports: EngineEndpointPorts) {
    this.#ports = ports;
  }

  /**
   * After hibernation: takes the sockets that are still open.
   * @param alarm when the alarm will ring
   */
  restore(sockets: readonly WebSocket[], alarm: number): void {
    const kept = sockets.map(
      (socket) => [this.#wire(socket), socket.deserializeAttachment()] as const,
    );
    this.#ports.sessions.restore(kept, alarm);
  }

  /** Answers an Engine.IO request; the Worker has checked its room and its origin. */
  async fetch(request: Request): Promise<Response> {
    const { method, headers, url } = request;
    const upgrade = headers.get("upgrade")?.toLowerCase() === "websocket";
    const asked = readEngineRequest({ method, query: new URL(url).searchParams, upgrade });
    if (isEngineError(asked)) return engineErrorResponse(asked);
    try {
      return await this.#answer(asked, request);
    } catch (error) {
      if (error instanceof RelayError) return problemResponse(error);
      throw error;
    }
  }

  async #answer(asked: EngineRequest, request: Request): Promise<Response> {
    const { sessions, settings, format } = this.#ports;
    switch (asked.kind) {
      case "handshake": {
        const form = asked.format ?? format();
        const address = addressOf(request);
        if (!sessions.admits(address)) {
          this.#ports.refused("overloaded");
          throw tooManyHandshakes();
        }
        if (asked.transport === "websocket") {
          return this.#accept((wire) => sessions.openWebSocket(wire, form, address));
        }
        return respond(await sessions.poll(sessions.openPolling(form, address).sid));
      }
      case "poll":
        return respond(await sessions.poll(asked.sid));
      case "post": {
        const read = () => readPayload(request, settings.maxPayload);
        return respond(await sessions.post(asked.sid, read));
      }
      case "upgrade": {
        const refusal = sessions.refuseUpgrade(asked.sid);
        if (refusal === "unknown") return engineErrorResponse(ENGINE_ERRORS.sessionUnknown);
        if (refusal === "taken") return closedSocket(CLOSE_CODES.policy, "already upgraded");
        return this.#accept((wire) => sessions.upgrade(asked.sid, wire));
      }
    }
  }

  #accept(open: (wire: Wire) => void): Response {
    const { ctx, settings } = this.#ports;
    const { 0: client, 1: server } = new WebSocketPair();
    if (settings.pingInterval >= SLEEPING_INTERVAL) {
      ctx.acceptWebSocket(server);
    } else {
      // The room can't sleep anyway, and these close at once (see `closedSocket`).
      listen(server, this);
      this.#wires.set(server, awakeWire(server));
    }
    open(this.#wire(server));
    return new Response(null, { status: 101, webSocket: client });
  }

  #wire(socket: WebSocket): Wire {
    const known = this.#wires.get(socket);
    if (known !== undefined) return known;
    const wire = sleepingWire(this.#ports.ctx, socket);
    this.#wires.set(socket, wire);
    return wire;
  }

  // --- What WebSockets tell ------------------------------------------------------------------

  message(socket: WebSocket, message: string | ArrayBuffer): void | Promise<void> {
    const { sessions, settings } = this.#ports;
    const wire = this.#wire(socket);
    const packet: Packet = typeof message === "string" ? message : new Uint8Array(message);
    if (isLongerThan(packet, settings.maxPayload)) {
      return sessions.reject(wire, "message too large", CLOSE_CODES.tooBig);
    }
    return sessions.message(wire, packet);
  }

  closed(socket: WebSocket): void {
    // The runtime's own reply does not leave while the socket is hibernatable (workerd 2026-11).
    if (socket.readyState !== WebSocket.CLOSED) socket.close(CLOSE_CODES.normal);
    this.lost(socket);
  }

  lost(socket: WebSocket): void {
    this.#ports.sessions.disconnected(this.#wire(socket), socket.deserializeAttachment());
    this.#wires.delete(socket);
  }
}

/** Seconds after which most of those who do join have joined. */
const TRY_AGAIN = 5;

function tooManyHandshakes(): RelayError {
  const detail = "too many sessions are in no namespace; try again";
  return new RelayError("overloaded", detail, { retryAfter: TRY_AGAIN });
}

function respond(answer: string | EngineError): Response {
  return typeof answer === "string" ? engineResponse(answer) : engineErrorResponse(answer);
}

/**
 * A socket that opens and is closed at once, as the reference server does it. It never was the
 * room's: a hibernatable one that has not yet spoken would keep its connection for 10 s more
 * (workerd 2026-11).
 */
function closedSocket(code: number, reason: string): Response {
  const { 0: client, 1: server } = new WebSocketPair();
  server.accept();
  server.close(code, reason);
  return new Response(null, { status: 101, webSocket: client });
}

/** Polling bodies are text; a form or binary is not what any client of this protocol sends. */
async function readPayload(request: Request, maxBytes: number): Promise<string> {
  if (request.headers.get("content-type")?.startsWith("application/octet-stream")) {
    throw new RelayError("bad_request", "packets are sent as text/plain");
  }
  return readText(request, maxBytes);
}
