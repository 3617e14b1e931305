/** A room in plain Node: its clock stands, and its turns wait, until the test moves them. */
import type { AccessSettings } from "../../src/auth/access.ts";
import type { Limits } from "../../src/limits/limits.ts";
import type { Rate } from "../../src/limits/rate.ts";
import type { EventLog, NewEvent } from "../../src/log/event-log.ts";
import { MemoryLog } from "../../src/log/memory-log.ts";
import type { Retention } from "../../src/log/retention.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import type { Format } from "../../src/protocol/format.ts";
import { RoomCore, type RoomPorts } from "../../src/room/core.ts";
import type { Handlers } from "../../src/room/handlers.ts";
import type { SessionSettings } from "../../src/session/host.ts";
import { PresenceStore } from "../../src/storage/presence-store.ts";
import { SeatStore } from "../../src/storage/seat-store.ts";
import { SettingsStore } from "../../src/storage/settings-store.ts";
import { migrate, type Sql } from "../../src/storage/sql.ts";
import { Counters } from "../../src/telemetry/counters.ts";
import type { RefusalLine } from "../../src/telemetry/refusals.ts";
import { nodeSql } from "./node-sql.ts";
import { RecordingWire } from "./recording-wire.ts";
import { PollingClient, WireClient } from "./room-client.ts";

export const EPOCH = "ep0ch";

export const SETTINGS: SessionSettings = {
  pingInterval: 25_000,
  pingTimeout: 20_000,
  maxPayload: 1_000_000,
  connectTimeout: 45_000,
  upgradeTimeout: 10_000,
};

/** Pings as the reference server's: no room sleeps between them. */
export const EXACT: SessionSettings = { ...SETTINGS, pingInterval: 300, pingTimeout: 200 };

export const OPEN_ACCESS: AccessSettings = { keys: [], anonymous: ["read", "write", "presence"] };

/** Nothing is trimmed, unless a test says so. */
const KEEP_ALL: Retention = { age: 1e15, events: 1e15, bytes: 1e15 };

const ANY: Rate = { perSecond: 1e9, burst: 1e9 };

/** Nobody is too many or too fast, unless a test says so. */
const NO_LIMITS: Limits = {
  sockets: 1e9,
  socketsPerIdentity: 1e9,
  handshakes: 1e9,
  handshakesPerAddress: 1e9,
  namespaces: 16,
  rooms: 64,
  attachments: 10,
  page: 1e9,
  packets: ANY,
  emits: ANY,
  roomEmits: ANY,
};

/** No test needs so many turns for what it has begun. */
const MAX_TURNS = 10_000;

export type HarnessOptions = {
  readonly name?: string;
  readonly log?: EventLog;
  readonly settings?: SessionSettings;
  readonly access?: AccessSettings;
  readonly now?: number;
  readonly ephemeral?: readonly string[];
  readonly echo?: boolean;
  readonly recovery?: boolean;
  readonly handlerTimeout?: number;
  readonly keep?: Partial<Retention>;
  readonly replayLimit?: number;
  readonly presenceGrace?: number;
  readonly limits?: Partial<Limits>;
  /** Runs the room's turns, if the test does not do so by hand. */
  readonly soon?: (turn: () => void) => void;
  /** The room's own code. */
  readonly handlers?: Handlers;
  /** Where its seats are kept; for code that writes too, the log's as well. */
  readonly sql?: Sql;
  /** Open beside `/`. */
  readonly namespaces?: readonly string[];
};

/** The stores that a room is tested on. */
export const LOGS: readonly (readonly [string, (epoch?: string) => EventLog])[] = [
  ["MemoryLog", (epoch = EPOCH) => new MemoryLog(() => epoch)],
  ["SqliteLog", (epoch = EPOCH) => new SqliteLog(nodeSql(), () => epoch)],
];

export class Harness {
  readonly log: EventLog;
  readonly sql: Sql;
  readonly room: RoomCore;
  now: number;
  /** In which form those who come next get events. */
  format: Format = "args";
  /** Is its storage full? */
  full = false;
  /** Ack ids are each used once, so that they tell connections apart. */
  nextAck = 0;
  /** Times that the room asked to be woken at. */
  readonly wakes: number[] = [];
  /** What the runtime was last told; undefined if nothing. */
  autoPong: boolean | undefined;
  readonly reported: unknown[] = [];
  /** Lines that were written of refusals. */
  readonly refused: RefusalLine[] = [];
  readonly counters: Counters;
  readonly #turns: (() => void)[] = [];
  readonly #pending = new Set<Promise<unknown>>();

  constructor(options: HarnessOptions = {}) {
    this.sql = options.sql ?? nodeSql();
    this.log = options.log ?? new SqliteLog(this.sql, () => EPOCH);
    this.now = options.now ?? 1_700_000_000_000;
    this.counters = new Counters(this.now);
    const limits = { ...NO_LIMITS, ...options.limits };
    const ports: RoomPorts = {
      name: options.name ?? "lobby",
      access: options.access ?? OPEN_ACCESS,
      defaults: {
        namespaces: options.namespaces ?? ["/orders"],
        ephemeral: options.ephemeral ?? [],
        echo: options.echo ?? false,
        format: "args",
        recovery: options.recovery ?? true,
        handlerTimeout: options.handlerTimeout ?? 30_000,
        replayLimit: options.replayLimit ?? Number.POSITIVE_INFINITY,
        presenceGrace: options.presenceGrace ?? 10_000,
        storageLimit: 0,
        retention: { ...KEEP_ALL, ...options.keep },
        limits,
      },
      storageFull: () => this.full,
      settings: options.settings ?? SETTINGS,
      limits,
      counters: this.counters,
      openLog: () => this.log,
      openSeats: () => new SeatStore(this.#migrated(), this.now),
      openPresence: () => new PresenceStore(this.#migrated()),
      openSettings: () => new SettingsStore(this.sql),
      now: () => this.now,
      durable: () => Promise.resolve(),
      soon: options.soon ?? ((turn) => this.#turns.push(turn)),
      wakeAt: (time) => this.wakes.push(time),
      autoPong: (enabled) => {
        this.autoPong = enabled;
      },
      report: (error) => this.reported.push(error),
      refused: (line) => this.refused.push(line),
    };
    const track = <T>(work: T | Promise<T>) => this.track(work);
    this.room = new (class extends RoomCore {
      // A POST does not wait for the CONNECT that it brought.
      override onPacket(...packet: Parameters<RoomCore["onPacket"]>): void | Promise<void> {
        return track(super.onPacket(...packet));
      }
    })(ports, options.handlers);
  }

  /** The log may be another one's, in memory. */
  #migrated(): Sql {
    migrate(this.sql, () => EPOCH);
    return this.sql;
  }

  /** Does the room wait for a turn? */
  get turnDue(): boolean {
    return this.#turns.length > 0;
  }

  /** Runs the turn that is due, if one is. */
  turn(): void {
    this.#turns.shift()?.();
  }

  /** Keeps an eye on what the room still does. */
  track<T>(work: T | Promise<T>): T | Promise<T> {
    if (work instanceof Promise) {
      this.#pending.add(work);
      const done = () => this.#pending.delete(work);
      work.then(done, done);
    }
    return work;
  }

  /**
   * Runs turns until the room has nothing left to do. Turns are counted, waiting is not: a hash
   * takes as long as the machine lets it. What never ends runs into the test's own timeout.
   */
  async settle(): Promise<void> {
    let turns = 0;
    for (;;) {
      await nextEventLoopTurn();
      if (!this.turnDue && this.#pending.size === 0) return;
      for (; this.turnDue; turns++) {
        if (turns === MAX_TURNS) throw new Error("the room never comes to rest");
        this.turn();
      }
    }
  }

  /** Lets the clock run to `now + ms`, with a tick at its end. */
  pass(ms: number): void {
    this.now += ms;
    this.room.tick();
    this.room.retain();
  }

  /** Events logged before anybody came. */
  fill(count: number, data: (n: number) => string = (n) => `["old",${n}]`): void {
    const event = (n: number): NewEvent => ({
      namespace: "/",
      data: data(n),
      attachments: [],
      audience: null,
      sender: null,
      publication: null,
    });
    this.log.transaction(() => {
      for (let n = 1; n <= count; n++) this.log.append(event(n), this.now);
    });
  }

  /** A client with an open WebSocket that has not joined. */
  websocket(): WireClient {
    const wire = new RecordingWire();
    const { sid } = this.room.sessions.openWebSocket(wire, this.format);
    return new WireClient(this, wire, sid);
  }

  /** A client with a WebSocket that has sent CONNECT, and what came of it. */
  async join(auth?: object): Promise<WireClient> {
    const client = this.websocket();
    client.connect(auth);
    await this.settle();
    return client;
  }

  /** A client that polls and has sent CONNECT. */
  async joinPolling(auth?: object): Promise<PollingClient> {
    const client = await this.polling();
    client.connect(auth);
    await this.settle();
    return client;
  }

  /** A client with a polling session that has not joined. */
  async polling(): Promise<PollingClient> {
    const client = new PollingClient(this, this.room.sessions.openPolling(this.format).sid);
    await client.poll();
    return client;
  }

  /** A WebSocket that asks to take over from polling. */
  probe(sid: string): WireClient {
    const wire = new RecordingWire();
    this.room.sessions.upgrade(sid, wire);
    return new WireClient(this, wire, sid);
  }
}

/** Hashes are made on other threads, which are heard of only between turns of the event loop. */
export function nextEventLoopTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
