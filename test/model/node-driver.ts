/** The room's core in plain Node; every turn and every await is the scheduler's to place. */
import type { Scheduler } from "fast-check";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { packetsOf } from "../../src/protocol/engine.ts";
import { readHistory } from "../../src/room/history.ts";
import { type PublishResult, publish } from "../../src/room/publish.ts";
import type { Sql } from "../../src/storage/sql.ts";
import { nodeSql } from "../support/node-sql.ts";
import { RecordingWire } from "../support/recording-wire.ts";
import { Harness } from "../support/room-harness.ts";
import { type Batch, type Driver, type Link, type Log, readLog, requestOf } from "./driver.ts";

/** Few enough that they are trimmed again and again. */
const KEPT = 30;

/** A disk whose transactions can be made to fail. */
class Disk {
  sql: Sql = this.#failing(nodeSql());
  fails = false;
  epochs = 0;

  wipe(): void {
    this.sql = this.#failing(nodeSql());
  }

  #failing(sql: Sql): Sql {
    return {
      ...sql,
      transaction: (turn) =>
        sql.transaction(() => {
          const result = turn();
          if (this.fails) {
            this.fails = false;
            throw new Error("the disk is full");
          }
          return result;
        }),
    };
  }
}

/** The room between two evictions. What is left over of it when it is gone never happens. */
class Life {
  readonly harness: Harness;
  over = false;
  readonly #end = Promise.withResolvers<void>();

  constructor(disk: Disk, now: number, scheduler: Scheduler) {
    const log = new SqliteLog(disk.sql, () => `ep0ch${++disk.epochs}`);
    this.harness = new Harness({
      log,
      now,
      sql: disk.sql,
      ephemeral: ["whisper"],
      keep: { events: KEPT },
      soon: (turn) => {
        const due = scheduler.schedule(Promise.resolve(), "turn");
        void due.then(() => this.over || turn());
      },
    });
  }

  end(): void {
    this.over = true;
    this.#end.resolve();
  }

  /** What a backend hears that waits for an answer when the room goes. */
  async orFailed(answer: Promise<PublishResult>): Promise<PublishResult> {
    return await Promise.race([
      answer,
      this.#end.promise.then(() => ({ kind: "failed" }) as const),
    ]);
  }
}

export class NodeDriver implements Driver {
  readonly keeps = KEPT;
  readonly #disk = new Disk();
  readonly #scheduler: Scheduler;
  readonly #links = new Set<NodeLink>();
  life: Life;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.life = new Life(this.#disk, 1_700_000_000_000, scheduler);
  }

  get #room() {
    return this.life.harness.room;
  }

  /** `work`, when the scheduler lets it be done; never, if the room is gone by then. */
  async await<T>(work: Promise<T>, label: string): Promise<T> {
    const { life } = this;
    const result = await this.#scheduler.schedule(work, label);
    return life.over ? new Promise<never>(() => {}) : result;
  }

  async open(kind: Link["kind"]): Promise<Link> {
    const { sessions } = this.#room;
    const wire = new RecordingWire();
    const { sid } =
      kind === "websocket" ? sessions.openWebSocket(wire, "args") : sessions.openPolling("args");
    const link = new NodeLink(this, sid, kind === "websocket" ? wire : undefined);
    this.#links.add(link);
    return link;
  }

  publish(batch: Batch): Promise<PublishResult> {
    return this.life.orFailed(publish(this.#room, "lobby", requestOf(batch, "backend")));
  }

  async crash(): Promise<void> {
    for (const link of this.#links) link.lose();
    await this.evict();
  }

  async evict(): Promise<void> {
    const { harness } = this.life;
    this.life.end();
    this.life = new Life(this.#disk, harness.now, this.#scheduler);
    const kept = [...this.#links].flatMap(({ wire }) =>
      wire === undefined || wire.closed ? [] : [[wire, wire.saved] as const],
    );
    for (const link of this.#links) link.evicted();
    this.#room.sessions.restore(kept, harness.now + 25_000);
    this.#room.retain();
  }

  async pass(milliseconds: number): Promise<void> {
    this.life.harness.pass(milliseconds);
  }

  async head(): Promise<string> {
    return `${this.life.harness.log.epoch}-${this.life.harness.log.head}`;
  }

  async log(): Promise<Log> {
    return await readLog((request) => readHistory(this.#room, "lobby", request));
  }

  async settle(): Promise<void> {
    await this.#scheduler.waitIdle();
  }

  failDisk(): boolean {
    this.#disk.fails = true;
    return true;
  }

  wipe(): boolean {
    this.#disk.wipe();
    return true;
  }
}

class NodeLink implements Link {
  readonly #driver: NodeDriver;
  readonly #sid: string;
  wire: RecordingWire | undefined;
  #probe: RecordingWire | undefined;
  /** Packets that GETs brought. */
  readonly #fetched: string[] = [];
  #held = false;
  #lost = false;
  #read = 0;

  constructor(driver: NodeDriver, sid: string, wire: RecordingWire | undefined) {
    this.#driver = driver;
    this.#sid = sid;
    this.wire = wire;
  }

  get kind() {
    return this.wire === undefined ? "polling" : "websocket";
  }

  get closed(): boolean {
    return this.#lost || this.wire?.closed !== undefined;
  }

  get #sessions() {
    return this.#driver.life.harness.room.sessions;
  }

  send(...packets: string[]): void {
    if (this.closed) return;
    const { wire } = this;
    if (wire !== undefined) {
      for (const packet of packets) void this.#sessions.message(wire, packet);
      return;
    }
    const post = this.#sessions.post(this.#sid, async () => packets.join("\x1e"));
    const { life } = this.#driver;
    void post.then((answer) => {
      if (answer !== "ok" && !life.over) this.#lost = true;
    });
  }

  take(): string[] {
    const packets = this.#fetched.splice(0);
    if (this.wire === undefined) return packets;
    packets.push(...this.wire.frames.slice(this.#read));
    this.#read = this.wire.frames.length;
    return packets;
  }

  fetch(): void {
    if (this.wire !== undefined || this.#held || this.closed) return;
    this.#held = true;
    const { life } = this.#driver;
    void Promise.resolve(this.#sessions.poll(this.#sid)).then((answer) => {
      if (life.over) return;
      this.#held = false;
      if (typeof answer === "string")
        this.#fetched.push(...(packetsOf(answer) as Iterable<string>));
      else if (this.wire === undefined) this.#lost = true;
    });
  }

  upgrade(): void {
    if (this.wire !== undefined || this.closed) return;
    if (this.#probe === undefined) {
      if (this.#sessions.refuseUpgrade(this.#sid) !== undefined) return;
      this.#probe = new RecordingWire();
      this.#sessions.upgrade(this.#sid, this.#probe);
      void this.#sessions.message(this.#probe, "2probe");
    } else if (this.#probe.closed === undefined) {
      const probe = this.#probe;
      // What GETs have brought comes first; then what the switch sends.
      this.#read = probe.frames.length;
      void this.#sessions.message(probe, "5");
      this.wire = probe;
    }
  }

  drop(): void {
    for (const wire of this.lose()) this.#sessions.disconnected(wire);
  }

  /** It is gone, and the room is not told. */
  lose(): RecordingWire[] {
    this.#lost = true;
    const wires = [this.wire, this.#probe].filter((wire) => wire !== undefined);
    const open = wires.filter(({ closed }) => closed === undefined);
    for (const wire of open) wire.close(1006, "dropped");
    return open;
  }

  /** The room's instance is gone, and polling sessions with it. */
  evicted(): void {
    if (this.wire === undefined) this.#lost = true;
    // A probe's session is gone as well.
    if (this.#probe !== this.wire) this.#probe?.close(1006, "evicted");
  }
}
