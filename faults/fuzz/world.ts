// A room under attack in plain Node, a healthy client in it, and what must hold for both.
import type { LoggedEvent } from "../../src/log/event-log.ts";
import { SqliteLog } from "../../src/log/sqlite-log.ts";
import { encodeBase64 } from "../../src/protocol/base64.ts";
import { MAX_DEPTH } from "../../src/protocol/json-text.ts";
import { matchesGlob } from "../../src/protocol/names.ts";
import { nodeSql } from "../../test/support/node-sql.ts";
import { RecordingWire } from "../../test/support/recording-wire.ts";
import { Harness } from "../../test/support/room-harness.ts";
import { Attacker, isRefusal } from "./attacker.ts";
import type { PacketInput } from "./input.ts";

const EPHEMERAL = ["typing", "cursor:*"];
const EPOCH = "ep0ch";

/** So few that they are reached, and never by the healthy client, which sends nothing. */
const LIMITS = {
  sockets: 40,
  packets: { perSecond: 1, burst: 8 },
  emits: { perSecond: 1, burst: 3 },
};

/** What an Engine.IO server says. */
const FRAME = /^(?:0\{.*\}|[126]|3probe|4[0-6].*|b.*)$/s;

export class World {
  readonly findings: string[] = [];
  #sql = nodeSql();
  #harness = this.#instance(1_700_000_000_000);
  readonly #healthy = new RecordingWire();
  /** How many of its frames have been looked at, and how many pings answered. */
  #read = 0;
  #ponged = 0;
  /** The log has been looked at up to here. */
  #checked = 0;
  #attackers: Attacker[] = [];

  /** A room with its healthy client. */
  static async open(): Promise<World> {
    const world = new World();
    const { sessions } = world.room;
    sessions.openWebSocket(world.#healthy, "args");
    // Its pid alone, which the others know, makes nobody the same client.
    const connect = '40{"clientId":"who-is-not-attacking"}';
    world.run("CONNECT", () => sessions.message(world.#healthy, connect));
    await world.#harness.settle();
    return world;
  }

  #instance(now: number): Harness {
    const log = new SqliteLog(this.#sql, () => EPOCH);
    return new Harness({ log, now, sql: this.#sql, ephemeral: EPHEMERAL, limits: LIMITS });
  }

  get harness(): Harness {
    return this.#harness;
  }

  get room(): Harness["room"] {
    return this.#harness.room;
  }

  get head(): string {
    return `${EPOCH}-${this.room.log.head}`;
  }

  get healthyPid(): string {
    const answer = this.#healthy.frames.find((frame) => frame.startsWith("40{")) ?? "40{}";
    return String(JSON.parse(answer.slice(2)).pid);
  }

  find(what: string): void {
    this.findings.push(what);
  }

  /** Does `work`; what it throws, now or later, is found. */
  run(what: string, work: () => unknown): void {
    const thrown = (error: unknown) => {
      if (isRefusal(error)) return;
      const stack = error instanceof Error ? error.stack : String(error);
      this.find(`${what} threw ${stack?.split("\n").slice(0, 3).join(" ")}`);
    };
    try {
      const result = work();
      if (result instanceof Promise) void this.#harness.track(result.catch(thrown));
    } catch (error) {
      thrown(error);
    }
  }

  pass(milliseconds: number): void {
    this.run("time", () => this.#harness.pass(milliseconds));
    this.#pong();
  }

  /** The instance goes and another comes: WebSockets stay, with what each kept. */
  evict(): void {
    const { now } = this.#harness;
    const wires = [this.#healthy, ...this.#attackers.flatMap((attacker) => attacker.wires)];
    this.#harness = this.#instance(now);
    for (const attacker of this.#attackers) attacker.evicted();
    const kept = wires
      .filter(({ closed }) => closed === undefined)
      .map((wire) => [wire, wire.saved] as const);
    this.run("waking up", () => this.room.sessions.restore(kept, now + 25_000));
  }

  /** All of these clients at once, a step of each after the other; then they leave. */
  async attack(inputs: readonly PacketInput[]): Promise<void> {
    this.#attackers = inputs.map((input) => new Attacker(this, input));
    const rounds = Math.max(...inputs.map(({ steps }) => steps.length));
    for (let round = 0; round < rounds; round++) {
      for (const attacker of this.#attackers) {
        const step = attacker.input.steps[round];
        if (step !== undefined) attacker.take(step);
      }
      await this.rest();
    }
    for (const attacker of this.#attackers) attacker.leave();
    await this.rest();
    for (const attacker of this.#attackers) attacker.judge();
    await this.judge();
    this.#attackers = [];
  }

  /** Until the room has nothing left to do. */
  async rest(): Promise<void> {
    try {
      await this.#harness.settle();
    } catch (error) {
      this.find(String(error));
    }
    this.#pong();
  }

  /** The healthy client answers its pings. */
  #pong(): void {
    for (; this.#ponged < this.#healthy.frames.length; this.#ponged++) {
      if (this.#healthy.frames[this.#ponged] !== "2") continue;
      this.run("a pong", () => this.room.sessions.message(this.#healthy, "3"));
    }
  }

  /** What must hold when nobody but the healthy client is left. */
  async judge(): Promise<void> {
    for (const error of this.#harness.reported.splice(0)) this.find(`reported: ${error}`);
    // Its last events may wait for a pong.
    await this.rest();
    const logged = this.room.log.read({ after: this.#checked, limit: 1_000_000 });
    this.#judgeLog(logged);
    // Only backends publish what is ephemeral by another word than its name.
    this.#judgeHealthy(logged, this.#attackers.length === 0 ? this.#checked : undefined);
    this.#checked = this.room.log.head;
    await this.#judgeReplay(logged);
    const left = [...this.room.sessions].length;
    if (left !== 1) this.find(`${left - 1} sessions are left of clients that have gone`);
  }

  #judgeLog(logged: readonly LoggedEvent[]): void {
    for (const [i, { seq, data, sender }] of logged.entries()) {
      if (seq !== this.#checked + 1 + i) this.find(`a hole in the log before ${seq}`);
      if (depthOf(data) > MAX_DEPTH) this.find("logged what is nested too deep");
      const [name] = JSON.parse(data);
      if (String(name).startsWith("roomlog:")) this.find(`logged an event called ${name}`);
      const senders = this.#attackers.filter((attacker) => attacker.isCalled(sender));
      // In envelope form, events are written anew.
      const asSent = senders.length > 0 && senders.every(({ input }) => input.format === "args");
      if (asSent && !this.#attackers.some((attacker) => attacker.hasSent(data))) {
        this.find(`logged what nobody sent: ${data}`);
      }
    }
    if (this.room.log.head !== this.#checked + logged.length) this.find("the log ends early");
  }

  /** It got all that was logged in its namespace, and nothing else that is logged. */
  #judgeHealthy(logged: readonly LoggedEvent[], reached: number | undefined): void {
    if (this.#healthy.closed !== undefined) this.find("the healthy client was closed");
    const frames = this.#healthy.frames.slice(this.#read).filter((frame) => !/^[26]$/.test(frame));
    this.#read = this.#healthy.frames.length;
    for (const frame of frames) this.judgeFrame(frame);
    this.#compare("the healthy client", withoutEphemeral(frames, reached), logged);
  }

  /** Who comes later gets what was logged, byte for byte as the others did. */
  async #judgeReplay(logged: readonly LoggedEvent[]): Promise<void> {
    if (logged.length === 0) return;
    const wire = new RecordingWire();
    const { sessions } = this.room;
    sessions.openWebSocket(wire, "args");
    const offset = `${EPOCH}-${(logged[0]?.seq ?? 0) - 1}`;
    this.run("CONNECT", () => sessions.message(wire, `40{"offset":"${offset}"}`));
    await this.rest();
    // Each proof lets more of it come.
    for (let pongs = 0, read = 0; read < wire.frames.length; read++) {
      if (wire.frames[read] !== "2") continue;
      this.run("a pong", () => sessions.message(wire, "3"));
      if (++pongs > 0) await this.rest();
    }
    const frames = wire.frames.filter((frame) => /^(?:4[25]|b)/.test(frame));
    const live = frames.pop();
    if (!live?.startsWith('42["roomlog:live"')) this.find(`a replay that ends with ${live}`);
    this.#compare("a replay", frames, logged);
    sessions.message(wire, "1");
    sessions.disconnected(wire);
  }

  #compare(who: string, got: readonly string[], logged: readonly LoggedEvent[]): void {
    const due = logged.filter(isForAll).flatMap(framesOf);
    const at = due.findIndex((frame, i) => got[i] !== frame);
    if (at < 0 && got.length === due.length) return;
    const where = at < 0 ? due.length : at;
    const [is, should] = [got[where], due[where]].map((frame) => frame?.slice(0, 200));
    this.find(`${who} got ${is} instead of ${should}`);
  }

  /** Is it something that a server may say, and no refusal that admits a bug? */
  judgeFrame(frame: string): void {
    if (!FRAME.test(frame)) this.find(`said ${JSON.stringify(frame.slice(0, 100))}`);
    const json = /^4[02-6](?:\d+-)?(?:\/[^,]*,)?\d*(?<json>.+)$/s.exec(frame)?.groups?.json;
    if (json === undefined) return;
    try {
      const [first] = [JSON.parse(json)].flat();
      if (first?.error?.code === "internal" || first?.data?.code === "internal") {
        this.find(`refused as internal: ${frame}`);
      }
      const seq = /^4[36]/.test(frame) ? /-(\d+)$/.exec(String(first?.offset))?.[1] : undefined;
      if (Number(seq ?? 0) > this.room.log.head)
        this.find(`acked what is not in the log: ${frame}`);
    } catch {
      this.find(`said what is no JSON: ${frame.slice(0, 200)}`);
    }
  }
}

/** Is it for whoever is in the default namespace and in no other room than its own? */
function isForAll({ namespace, audience }: LoggedEvent): boolean {
  return namespace === "/" && (audience === null || audience.to.length === 0);
}

/** An event as a reader in args form gets it. */
function framesOf({ seq, data, attachments }: LoggedEvent): string[] {
  const head = attachments.length === 0 ? "42" : `45${attachments.length}-`;
  const text = `${head}${data.slice(0, -1)},"${EPOCH}-${seq}"]`;
  return [text, ...attachments.map((bytes) => `b${encodeBase64(bytes)}`)];
}

/**
 * What is left of a client's frames without events that are not logged, and their attachments.
 * @param reached what a backend publishes may be ephemeral under any name: it then carries an offset
 *   that was reached before (SUB-8). Undefined where only names decide.
 */
function withoutEphemeral(frames: readonly string[], reached: number | undefined): string[] {
  let last = reached ?? 0;
  let skip = 0;
  return frames.filter((frame) => {
    if (frame.startsWith("b")) return skip-- <= 0;
    const [, count = "0", json, seq] = /^4(?:2|5(\d+)-)(\[.*-(\d+)"\])$/s.exec(frame) ?? [];
    if (json === undefined) return false;
    const ephemeral = reached === undefined ? isEphemeral(json) : Number(seq) <= last;
    last = Math.max(last, Number(seq));
    skip = ephemeral ? Number(count) : 0;
    return !ephemeral;
  });
}

function isEphemeral(event: string): boolean {
  const [name] = JSON.parse(event);
  return EPHEMERAL.some((pattern) => matchesGlob(pattern, String(name)));
}

function depthOf(json: string): number {
  let depth = 0;
  let most = 0;
  for (const [bracket] of json.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (bracket === "[" || bracket === "{") most = Math.max(most, ++depth);
    else if (bracket === "]" || bracket === "}") depth--;
  }
  return most;
}
