/**
 * A room: the Durable Object, and the class that a room's own code extends. It translates between
 * the platform and the room's core, and decides nothing.
 */
import { DurableObject } from "cloudflare:workers";
import type { Claims } from "../auth/access.ts";
import { readConfig } from "../config.ts";
import type { Env } from "../env.ts";
import { formatOffset } from "../log/offset.ts";
import { SqliteLog } from "../log/sqlite-log.ts";
import { MESSAGE } from "../protocol/engine.ts";
import { type Beginning, renew } from "../room/beginning.ts";
import { LoggedSending, TO_ALL } from "../room/broadcast.ts";
import { RoomCore } from "../room/core.ts";
import type { DisconnectReason, Handlers } from "../room/handlers.ts";
import { type HistoryRequest, type HistoryResult, history } from "../room/history.ts";
import {
  configure,
  type InfoSettings,
  type RoomInfo,
  readInfo,
  readMetrics,
} from "../room/info.ts";
import { type PublishRequest, type PublishResult, publish } from "../room/publish.ts";
import type { Answer } from "../room/rights.ts";
import { Schedule } from "../room/schedule.ts";
import {
  type DisconnectRequest,
  type DisconnectResult,
  disconnectSockets,
  listSockets,
  type MoveRequest,
  type MoveResult,
  moveSockets,
  type SocketsRequest,
  type SocketsResult,
} from "../room/sockets.ts";
import { openStream, type StreamRequest, type StreamResult } from "../room/streams.ts";
import type {
  AnyEvents,
  Broadcast,
  Connecting,
  Ephemeral,
  RoomEvent,
  RoomEvents,
  Socket,
} from "../room/types.ts";
import type { SessionSettings } from "../session/host.ts";
import { newEpoch } from "../session/ids.ts";
import type { RoomSettings, SettingsPatch } from "../settings.ts";
import { PresenceStore } from "../storage/presence-store.ts";
import { ScheduleStore } from "../storage/schedule-store.ts";
import { SeatStore } from "../storage/seat-store.ts";
import { SettingsStore } from "../storage/settings-store.ts";
import type { RefusalLine } from "../telemetry/refusals.ts";
import { AlarmClock } from "./alarm-clock.ts";
import { EngineEndpoint } from "./engine-endpoint.ts";
import { storageSql } from "./sql-driver.ts";
import { textStream } from "./text-stream.ts";
import { Watch } from "./watch.ts";

/** Engine.IO's pong and noop: the runtime answers the one with the other and wakes nobody. */
const AUTO_PONG = new WebSocketRequestResponsePair("3", "6");

/** A message of Engine.IO, for rooms that speak something else than Socket.IO. */
export type EngineConnection = {
  readonly sid: string;
  send(message: string | Uint8Array): void;
  close(): void;
};

/**
 * One room. Nothing overridden, it is the plain relay; a class of your own takes over what it
 * overrides (ROOM-1 to ROOM-3). Own tables are best made in the constructor:
 *
 *     constructor(ctx: DurableObjectState, env: Env) {
 *       super(ctx, env);
 *       this.sql.exec("CREATE TABLE IF NOT EXISTS …");
 *     }
 */
export class Room<
  E extends Env = Env,
  Events extends RoomEvents = AnyEvents,
> extends DurableObject<E> {
  /** What this class sets; a deployment's variables go before it. */
  static readonly settings: RoomSettings = {};

  readonly #watch: Watch;
  readonly #core: RoomCore;
  readonly #schedule: Schedule;
  readonly #clock: AlarmClock;
  readonly #endpoint: EngineEndpoint;
  readonly #session: SessionSettings;

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env);
    const { access, room, session, errorMessages } = readConfig(env, new.target.settings);
    this.#session = session;
    this.#watch = new Watch(this.name, env.ANALYTICS, errorMessages);
    const { counters } = this.#watch;
    this.#clock = new AlarmClock(ctx.storage, counters, () => this.#tick());
    const sql = this.#clock.guard(storageSql(ctx.storage, counters));
    const ports = {
      name: this.name,
      access,
      defaults: room,
      limits: room.limits,
      settings: session,
      openLog: () => new SqliteLog(sql, newEpoch),
      storageFull: () => ctx.storage.sql.databaseSize >= room.storageLimit,
      openSeats: () => new SeatStore(sql, Date.now()),
      openPresence: () => new PresenceStore(sql),
      openSettings: () => new SettingsStore(sql),
      now: () => Date.now(),
      durable: () => ctx.storage.sync(),
      // A message's handler must not wait for the turn: its socket's next message would wait too,
      // and there would be no group.
      soon: (turn: () => void) => ctx.waitUntil(scheduler.wait(0).then(() => this.#turn(turn))),
      wakeAt: (time: number) => this.#clock.wakeAt(time),
      autoPong: (enabled: boolean) => ctx.setWebSocketAutoResponse(enabled ? AUTO_PONG : undefined),
      counters,
      report: (error: unknown, what?: string) => this.#watch.report(error, what),
      refused: (line: RefusalLine) => this.#watch.refused(line),
    };
    this.#core = new RoomCore(ports, this.#handlers());
    const { sessions } = this.#core;
    this.#endpoint = new EngineEndpoint({
      ctx,
      sessions,
      settings: session,
      format: () => this.#core.behaviour.format,
      refused: (code) => this.#core.refused(code),
    });
    this.#schedule = new Schedule({
      openStore: () => {
        // The log's schema holds the schedule's table.
        this.#core.log;
        return new ScheduleStore(sql);
      },
      now: ports.now,
      wakeAt: ports.wakeAt,
      call: (method, payload) => this.#call(method, payload),
      perform: (turn) => this.#core.perform(turn),
      handlerTimeout: room.handlerTimeout,
      report: (error) => ports.report(error, "schedule_failed"),
    });
    void ctx.blockConcurrencyWhile(() => this.#wake());
  }

  // --- For the room's code --------------------------------------------------------------------

  /**
   * A client asks to be let in: what this throws refuses it, with a CONNECT_ERROR that has the
   * error's `message` and `data`. Called again when a client resumes, with `recovered` true.
   */
  onConnect(_socket: Connecting<Events>): void | Promise<void> {}

  /**
   * A client sent an event. What a handler that does not await writes with `this.sql` and what it
   * relays or emits are one transaction; if it throws, all of it is undone and the event refused.
   * One that awaits keeps its socket's next event waiting, and only what it does between two
   * awaits is one transaction.
   */
  onEvent(_socket: Socket<Events>, event: RoomEvent<Events>): void | Promise<void> {
    event.relay();
  }

  /** A client is gone. It may come back, with its id, rooms and data. */
  onDisconnect(_socket: Socket<Events>, _reason: DisconnectReason): void | Promise<void> {}

  /** For rooms that speak something else on Engine.IO: once overridden, Socket.IO is not spoken. */
  onMessage(_connection: EngineConnection, _message: string | Uint8Array): void {}

  /** The room's name. */
  get name(): string {
    return this.ctx.id.name ?? "";
  }

  /**
   * The object's database, for tables of your own; names that begin with `roomlog_` are taken.
   * https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/
   */
  get sql(): SqlStorage {
    return this.ctx.storage.sql;
  }

  /** The offset of the newest event. */
  get head(): string {
    const { epoch, head } = this.#core.log;
    return formatOffset(epoch, head);
  }

  /**
   * Runs `turn` in a transaction of its own, inside a handler too: if it throws, what it wrote and
   * what it emitted are undone. (The storage's own `transactionSync` knows nothing of events.)
   */
  transaction<T>(turn: () => T): T {
    return this.#core.transaction(turn);
  }

  /** The sockets that have joined. */
  get sockets(): readonly Socket<Events>[] {
    return this.#core.sockets as unknown as Socket<Events>[];
  }

  /** To sockets in this room (or with this id). */
  to(room: string | readonly string[]): Broadcast<Events> {
    return this.#everybody.to(room);
  }

  /** The same as `to`. */
  in(room: string | readonly string[]): Broadcast<Events> {
    return this.#everybody.to(room);
  }

  /** To all but sockets in this room (or with this id). */
  except(room: string | readonly string[]): Broadcast<Events> {
    return this.#everybody.except(room);
  }

  /** To all in this namespace. */
  of(namespace: string): Broadcast<Events> {
    return this.#everybody.of(namespace);
  }

  /** Logs an event and sends it to all in the default namespace; returns its offset. */
  get emit(): Broadcast<Events>["emit"] {
    const everybody = this.#everybody;
    return (name, ...args) => everybody.emit(name, ...args);
  }

  /** Sends without logging: to those who are connected now, at most once. */
  get ephemeral(): Ephemeral<Events> {
    return this.#everybody.ephemeral;
  }

  /**
   * Calls a method of this room later, however long that is and whatever happens in between: at
   * least once, and exactly once if it does not await. A call that throws is tried again after
   * 5 s, 10 s, 20 s …, six times in all.
   * @param when a date, or milliseconds from now
   * @param method one of this room's, such as `this.unmute`
   * @param payload has to be JSON
   * @returns an id for `unschedule`
   */
  schedule<P>(when: Date | number, method: (payload: P) => unknown, payload: P): number {
    const { name } = method;
    if (Reflect.get(this, name) !== method) throw new TypeError("schedule a method of the room's");
    const time = typeof when === "number" ? Date.now() + when : when.getTime();
    return this.#schedule.add(time, name, payload);
  }

  /** @returns false if the call has been made, or cancelled, before */
  unschedule(id: number): boolean {
    return this.#schedule.cancel(id);
  }

  get #everybody(): Broadcast<Events> {
    const { log, send } = this.#core.socketPorts;
    return new LoggedSending(TO_ALL, log, send) as unknown as Broadcast<Events>;
  }

  #call(method: string, payload: unknown): unknown {
    const found: unknown = Reflect.get(this, method);
    if (typeof found !== "function") throw new Error(`this room has no method ${method}`);
    return found.call(this, payload);
  }

  /** What the class overrides; the rest is the plain relay's, at its full speed. */
  #handlers(): Handlers {
    const base = Room.prototype;
    // The classes behind these types know nothing of the room's own events.
    const { onConnect, onEvent, onDisconnect, onMessage } = this;
    return {
      ...(onConnect !== base.onConnect && {
        onConnect: (socket) => this.onConnect(socket as unknown as Connecting<Events>),
      }),
      ...(onEvent !== base.onEvent && {
        onEvent: (socket, event) =>
          this.onEvent(socket as unknown as Socket<Events>, event as unknown as RoomEvent<Events>),
      }),
      ...(onDisconnect !== base.onDisconnect && {
        onDisconnect: (socket, reason) =>
          this.onDisconnect(socket as unknown as Socket<Events>, reason),
      }),
      ...(onMessage !== base.onMessage && {
        onMessage: (session, message) =>
          this.onMessage(
            {
              sid: session.sid,
              send: (text) => session.send(typeof text === "string" ? MESSAGE + text : text),
              close: () => session.end("server disconnect"),
            },
            typeof message === "string" ? message.slice(MESSAGE.length) : message,
          ),
      }),
    };
  }

  // --- Time -----------------------------------------------------------------------------------

  /** Finds out when the alarm rings, and rebuilds the sessions from what their sockets kept. */
  async #wake(): Promise<void> {
    const alarmAt = await this.#clock.load();
    // The alarm may be the backup of a job that was due long before.
    this.#doStored();
    const sockets = this.ctx.getWebSockets();
    if (sockets.length === 0) return;
    this.#endpoint.restore(sockets, alarmAt ?? Date.now());
    if (alarmAt === null) this.#clock.wakeAt(Date.now());
  }

  /** Has anything been stored? Asking creates nothing. */
  #hasTables(): boolean {
    const query = "SELECT 1 FROM sqlite_schema WHERE name = 'roomlog_schedule'";
    return this.sql.exec(query).toArray().length > 0;
  }

  /** Does what is due of what is stored: nothing, and no table is made, where nothing is. */
  #doStored(): void {
    if (!this.#hasTables()) return;
    this.#core.retain();
    // Not awaited: a job that takes its time must not hold up the next alarm.
    void this.#schedule.run();
  }

  #turn(turn: () => void): void {
    turn();
    this.#watch.writePoint();
  }

  #tick(): void {
    this.#watch.writePoint();
    this.#core.tick();
    this.#doStored();
  }

  override alarm(): void {
    this.#clock.rang();
    this.#tick();
  }

  // --- Engine.IO ----------------------------------------------------------------------------

  override fetch(request: Request): Promise<Response> {
    return this.#endpoint.fetch(request);
  }

  override webSocketMessage(
    socket: WebSocket,
    message: string | ArrayBuffer,
  ): void | Promise<void> {
    return this.#endpoint.message(socket, message);
  }

  override webSocketClose(socket: WebSocket): void {
    this.#endpoint.closed(socket);
  }

  override webSocketError(socket: WebSocket): void {
    this.#endpoint.lost(socket);
  }

  // --- For backends, called by the Worker ----------------------------------------------------

  publish(request: PublishRequest): Promise<PublishResult> {
    return publish(this.#core, this.name, request);
  }

  history(request: HistoryRequest): Promise<HistoryResult> {
    return history(this.#core, this.name, request);
  }

  /** The log as a stream, for as long as somebody takes it. */
  stream(request: StreamRequest): StreamResult<ReadableStream<Uint8Array>> {
    const result = openStream(this.#core, this.name, request);
    return result.kind === "stream" ? { kind: "stream", body: textStream(result.body) } : result;
  }

  listSockets(request: SocketsRequest): SocketsResult {
    return listSockets(this.#core, this.name, request);
  }

  disconnectSockets(request: DisconnectRequest): DisconnectResult {
    return disconnectSockets(this.#core, this.name, request);
  }

  moveSockets(request: MoveRequest): Promise<MoveResult> {
    return moveSockets(this.#core, this.name, request);
  }

  info(claims: Claims): Answer<RoomInfo> {
    return readInfo(
      this.#core,
      this.name,
      claims,
      () => this.ctx.storage.sql.databaseSize,
      this.#session,
    );
  }

  configure(claims: Claims, patch: SettingsPatch): Answer<InfoSettings> {
    return configure(this.#core, this.name, claims, patch, this.#session);
  }

  renew(claims: Claims, keep: boolean): Answer<Beginning> {
    return renew(this.#core, this.name, claims, keep);
  }

  metrics(claims: Claims): Answer<string> {
    const { counters } = this.#watch;
    return readMetrics(
      this.#core,
      this.name,
      claims,
      () => this.ctx.storage.sql.databaseSize,
      counters,
    );
  }
}
