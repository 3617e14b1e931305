/** The Durable Object: translates between the platform and the room, and decides nothing. */
import { DurableObject } from "cloudflare:workers";
import { type Claims, may } from "../auth/access.ts";
import { type Env, readConfig } from "../env.ts";
import { RelayError } from "../errors.ts";
import { readText } from "../http/body.ts";
import { engineErrorResponse, engineResponse } from "../http/engine-response.ts";
import { problemResponse } from "../http/problem.ts";
import { SqliteLog } from "../log/sqlite-log.ts";
import { ENGINE_ERRORS, type EngineError, isLongerThan } from "../protocol/engine.ts";
import type { Format } from "../protocol/format.ts";
import { type EngineRequest, isEngineError, readEngineRequest } from "../protocol/handshake.ts";
import {
  type HistoryRequest,
  type HistoryResult,
  type RoomInfo,
  readHistory,
  readInfo,
} from "../room/history.ts";
import { type PublishRequest, type PublishResult, publish } from "../room/publish.ts";
import { Room } from "../room/room.ts";
import { newEpoch } from "../session/ids.ts";
import type { SessionSettings } from "../session/session.ts";
import { CLOSE_CODES, type Wire } from "../session/wire.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { socketWire } from "./socket-wire.ts";
import { storageSql } from "./sql-driver.ts";

/** Engine.IO's pong and noop: the runtime answers the one with the other and wakes nobody. */
const AUTO_PONG = new WebSocketRequestResponsePair("3", "6");

export class RoomObject extends DurableObject<Env> {
  readonly #name: string;
  readonly #room: Room;
  readonly #clock: AlarmClock;
  readonly #wires = new Map<WebSocket, Wire>();
  readonly #settings: SessionSettings;
  readonly #format: Format;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { access, namespaces, ephemeral, format, session } = readConfig(env);
    this.#name = ctx.id.name ?? "";
    this.#settings = session;
    this.#format = format;
    this.#clock = new AlarmClock(ctx.storage, () => this.#room.sessions.tick());
    this.#room = new Room({
      name: this.#name,
      access,
      namespaces,
      ephemeral,
      settings: session,
      openLog: () => new SqliteLog(storageSql(ctx.storage), newEpoch),
      now: () => Date.now(),
      // A message's handler must not wait for the turn: its socket's next message would wait too,
      // and there would be no group.
      soon: (turn) => ctx.waitUntil(scheduler.wait(0).then(turn)),
      wakeAt: (time) => this.#clock.wakeAt(time),
      autoPong: (enabled) => ctx.setWebSocketAutoResponse(enabled ? AUTO_PONG : undefined),
      report: (error) => console.error(error),
    });
    const sockets = ctx.getWebSockets();
    if (sockets.length > 0) void ctx.blockConcurrencyWhile(() => this.#wake(sockets));
  }

  /** Rebuilds the sessions from what their sockets kept. */
  async #wake(sockets: readonly WebSocket[]): Promise<void> {
    const alarmAt = await this.#clock.load();
    const kept = sockets.map(
      (socket) => [this.#wire(socket), socket.deserializeAttachment()] as const,
    );
    this.#room.sessions.restore(kept, alarmAt ?? Date.now());
    if (alarmAt === null) this.#clock.wakeAt(Date.now());
  }

  // --- Engine.IO ----------------------------------------------------------------------------

  /** An Engine.IO request; the Worker has checked its room and its origin. */
  override async fetch(request: Request): Promise<Response> {
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
    switch (asked.kind) {
      case "handshake": {
        const format = asked.format ?? this.#format;
        if (asked.transport === "websocket") {
          return this.#accept((wire) => this.#room.sessions.openWebSocket(wire, format));
        }
        return respond(await this.#room.sessions.poll(this.#room.sessions.openPolling(format).sid));
      }
      case "poll":
        return respond(await this.#room.sessions.poll(asked.sid));
      case "post":
        return respond(
          await this.#room.sessions.post(asked.sid, () =>
            readPayload(request, this.#settings.maxPayload),
          ),
        );
      case "upgrade": {
        const refusal = this.#room.sessions.refuseUpgrade(asked.sid);
        if (refusal === "unknown") return engineErrorResponse(ENGINE_ERRORS.sessionUnknown);
        if (refusal === "taken") return closedSocket(CLOSE_CODES.policy, "already upgraded");
        return this.#accept((wire) => this.#room.sessions.upgrade(asked.sid, wire));
      }
    }
  }

  #accept(open: (wire: Wire) => void): Response {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    open(this.#wire(server));
    return new Response(null, { status: 101, webSocket: client });
  }

  #wire(socket: WebSocket): Wire {
    const known = this.#wires.get(socket);
    if (known !== undefined) return known;
    const wire = socketWire(this.ctx, socket);
    this.#wires.set(socket, wire);
    return wire;
  }

  override webSocketMessage(
    socket: WebSocket,
    message: string | ArrayBuffer,
  ): void | Promise<void> {
    const wire = this.#wire(socket);
    if (typeof message !== "string") {
      return this.#room.sessions.reject(
        wire,
        "binary is not spoken yet",
        CLOSE_CODES.protocolError,
      );
    }
    if (isLongerThan(message, this.#settings.maxPayload)) {
      return this.#room.sessions.reject(wire, "message too large", CLOSE_CODES.tooBig);
    }
    return this.#room.sessions.message(wire, message);
  }

  override webSocketClose(socket: WebSocket): void {
    // The runtime's own reply does not leave while the socket is hibernatable (workerd 2026-11).
    if (socket.readyState !== WebSocket.CLOSED) socket.close(CLOSE_CODES.normal);
    this.#gone(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#gone(socket);
  }

  #gone(socket: WebSocket): void {
    this.#room.sessions.disconnected(this.#wire(socket));
    this.#wires.delete(socket);
  }

  override alarm(): void {
    this.#clock.rang();
    this.#room.sessions.tick();
  }

  // --- For backends, called by the Worker ----------------------------------------------------

  publish(request: PublishRequest): Promise<PublishResult> {
    return publish(this.#room, this.#name, request);
  }

  history(request: HistoryRequest): HistoryResult {
    return readHistory(this.#room, this.#name, request);
  }

  info(claims: Claims): RoomInfo | undefined {
    if (!may(claims, "read", this.#name)) return undefined;
    return readInfo(
      this.#room,
      this.#name,
      () => this.ctx.storage.sql.databaseSize,
      this.#settings,
    );
  }
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
