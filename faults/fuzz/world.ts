// A room under attack in plain Node, a healthy client in it, and what must hold for both.
import { matchesGlob } from "../../src/protocol/names.ts";
import { nodeSql } from "../../test/support/node-sql.ts";
import { RecordingWire } from "../../test/support/recording-wire.ts";
import { Harness } from "../../test/support/room-harness.ts";
import { Attacker, isRefusal } from "./attacker.ts";
import { type Anonymous, Credentials, tellsSecret, UNSENT } from "./credentials.ts";
import { missing } from "./due.ts";
import type { PacketInput } from "./input.ts";
import { beginOf, wrongInLog } from "./logged.ts";
import { OtherRooms, SECRET } from "./rooms.ts";
import { Chronicle, WitnessedLog } from "./witness.ts";

const EPHEMERAL = ["typing", "cursor:*"];

/** So few that they are reached, and never by the healthy client, which sends nothing. */
const LIMITS = {
  sockets: 40,
  packets: { perSecond: 1, burst: 8 },
  emits: { perSecond: 1, burst: 3 },
};

/** What an Engine.IO server says. */
const FRAME = /^(?:0\{.*\}|[126]|3probe|4[0-6].*|b.*)$/s;

/** All that can be set for a room alone, back to what it was. */
const RESET = {
  keep: null,
  ephemeral: null,
  namespaces: null,
  format: null,
  echo: null,
  replayLimit: null,
};

export class World {
  readonly name = "lobby";
  readonly findings: string[] = [];
  readonly credentials: Credentials;
  readonly others: OtherRooms;
  /** What backends that may have published since the log was last looked at. */
  readonly published = new Set<string>();
  /** Has it been set since then that who emits an event gets it as well? */
  echoed = false;
  #epochs = 0;
  #sql = nodeSql();
  readonly #chronicle = new Chronicle("ep0ch");
  #harness: Harness;
  readonly #healthy = new RecordingWire();
  /** How many of its frames have been looked at, and how many pings answered. */
  #read = 0;
  #ponged = 0;
  #attackers: Attacker[] = [];
  /** Are there requests as well? */
  #requested = false;

  private constructor(anonymous: Anonymous) {
    this.credentials = new Credentials(anonymous, () => this.#harness.now);
    this.others = new OtherRooms(this.credentials.access);
    this.#harness = this.#instance(1_700_000_000_000);
    this.others.open("hall", this.#harness.now);
  }

  /** A room with its healthy client. */
  static async open(anonymous: Anonymous): Promise<World> {
    const world = new World(anonymous);
    const { sessions } = world.room;
    sessions.openWebSocket(world.#healthy, "args");
    // Its pid alone, which the others know, makes nobody the same client.
    const connect = `40{"token":"${world.credentials.healthy}"}`;
    world.run("CONNECT", () => sessions.message(world.#healthy, connect));
    await world.#harness.settle();
    return world;
  }

  #instance(now: number): Harness {
    const log = new WitnessedLog(this.#sql, () => `ep${this.#epochs++}ch`, this.#chronicle);
    const { access } = this.credentials;
    return new Harness({ log, now, access, sql: this.#sql, ephemeral: EPHEMERAL, limits: LIMITS });
  }

  get harness(): Harness {
    return this.#harness;
  }

  get room(): Harness["room"] {
    return this.#harness.room;
  }

  get head(): string {
    const { epoch, head } = this.room.log;
    return `${epoch}-${head}`;
  }

  get healthyPid(): string {
    const answer = this.#healthy.frames.find((frame) => frame.startsWith("40{")) ?? "40{}";
    return String(JSON.parse(answer.slice(2)).pid);
  }

  /** What some attacker's socket is called. */
  get socketId(): string {
    return this.#attackers.flatMap(({ ids }) => ids).at(-1) ?? "nobody";
  }

  /** The room is set as it was. */
  resetSettings(): void {
    this.run("settings", () => this.room.configure(RESET));
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
    this.run("time", () => this.others.tick(this.#harness.now));
    this.#pong();
  }

  /** The instance goes and another comes: WebSockets stay, with what each kept. */
  evict(): void {
    // A request that waits keeps it (LIFE-1).
    if (this.#requested) return;
    const { now } = this.#harness;
    const wires = [this.#healthy, ...this.#attackers.flatMap((attacker) => attacker.wires)];
    this.#harness = this.#instance(now);
    for (const attacker of this.#attackers) attacker.evicted();
    const kept = wires
      .filter(({ closed }) => closed === undefined)
      .map((wire) => [wire, wire.saved] as const);
    this.run("waking up", () => this.room.sessions.restore(kept, now + 25_000));
  }

  /**
   * All of these clients at once, a step of each after the other; then they leave.
   * @param beside is called in each of so many rounds, if there are requests as well
   */
  async attack(
    inputs: readonly PacketInput[],
    beside: ((round: number, rounds: number) => void) | undefined,
  ): Promise<void> {
    this.#requested = beside !== undefined;
    this.#attackers = inputs.map((input, i) => new Attacker(this, input, i));
    const rounds = Math.max(1, ...inputs.map(({ steps }) => steps.length));
    for (let round = 0; round < rounds; round++) {
      for (const attacker of this.#attackers) {
        const step = attacker.input.steps[round];
        if (step !== undefined) attacker.take(step);
      }
      beside?.(round, rounds);
      await this.rest();
    }
    for (const attacker of this.#attackers) attacker.leave();
    await this.rest();
    for (const attacker of this.#attackers) attacker.judge();
  }

  /** Until the room has nothing left to do. */
  async rest(): Promise<void> {
    try {
      await this.#harness.settle();
      this.others.turn();
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
    // Its last events may wait for a pong.
    await this.rest();
    const { reported, refused } = this.#harness;
    for (const error of [...reported.splice(0), ...this.others.reported()]) {
      this.find(`reported: ${error}`);
    }
    if (tellsSecret(JSON.stringify(refused.splice(0)))) this.find("a line tells a secret");
    const { log, behaviour } = this.room;
    const echo = this.echoed || behaviour.echo;
    const by = { attackers: this.#attackers, published: this.published, echo };
    this.findings.push(...wrongInLog(log, this.#chronicle, by));
    // Only backends publish what is ephemeral by another word than its name.
    this.#judgeHealthy((name) => this.#requested || this.#isEphemeral(name));
    await this.#judgeReplay();
    this.#chronicle.goOn(this.room.log.head);
    const left = [...this.room.sessions].length;
    if (left !== 1) this.find(`${left - 1} sessions are left of clients that have gone`);
    this.published.clear();
    this.echoed = false;
    this.#attackers = [];
  }

  #isEphemeral(name: unknown): boolean {
    const { ephemeral } = this.room.behaviour;
    return ephemeral.some((pattern) => matchesGlob(pattern, String(name)));
  }

  /** It got all that was logged in its namespace, and nothing else that is logged. */
  #judgeHealthy(mayBeEphemeral: (name: unknown) => boolean): void {
    if (this.#healthy.closed !== undefined) this.find("the healthy client was closed");
    const frames = this.#healthy.frames.slice(this.#read).filter((frame) => !/^[26]$/.test(frame));
    this.#read = this.#healthy.frames.length;
    for (const frame of frames) this.judgeFrame(frame);
    const { chapters } = this.#chronicle;
    const wrong = missing(frames, { chapters, first: this.room.log.first, mayBeEphemeral });
    if (wrong !== undefined) this.find(`the healthy client ${wrong}`);
  }

  /** Who comes later gets what was logged, byte for byte as the others did. */
  async #judgeReplay(): Promise<void> {
    const { log, behaviour } = this.room;
    const { present } = this.#chronicle;
    const after = Math.max(beginOf(present), log.first - 1, log.head - behaviour.replayLimit);
    const events = present.events.filter(({ seq }) => seq > after);
    if (events.length === 0) return;
    const wire = new RecordingWire();
    const { sessions } = this.room;
    sessions.openWebSocket(wire, "args");
    const auth = { token: this.credentials.healthy, offset: `${log.epoch}-${after}` };
    this.run("CONNECT", () => sessions.message(wire, `40${JSON.stringify(auth)}`));
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
    const chapters = [{ ...present, events }];
    const wrong = missing(frames, { chapters, first: log.first, mayBeEphemeral: () => false });
    if (wrong !== undefined) this.find(`a replay ${wrong}`);
    sessions.message(wire, "1");
    sessions.disconnected(wire);
  }

  /** Is it something that a server may say, and no refusal that admits a bug? */
  judgeFrame(frame: string): void {
    if (frame.includes(SECRET)) this.find("tells of another room");
    if (frame.includes(UNSENT)) this.find("tells a secret");
    if (!FRAME.test(frame)) this.find(`said ${JSON.stringify(frame.slice(0, 100))}`);
    const json = /^4[02-6](?:\d+-)?(?:\/[^,]*,)?\d*(?<json>.+)$/s.exec(frame)?.groups?.json;
    if (json === undefined) return;
    try {
      const [first] = [JSON.parse(json)].flat();
      if (first?.error?.code === "internal" || first?.data?.code === "internal") {
        this.find(`refused as internal: ${frame}`);
      }
      const offset = /^4[36]/.test(frame) ? String(first?.offset) : "";
      const [, epoch = "", seq] = /^([a-z0-9]+)-(\d+)$/.exec(offset) ?? [];
      const { log } = this.room;
      const head = epoch === log.epoch ? log.head : (this.#chronicle.heads.get(epoch) ?? -1);
      if (Number(seq ?? -1) > head) this.find(`acked what is not in the log: ${frame}`);
    } catch {
      this.find(`said what is no JSON: ${frame.slice(0, 200)}`);
    }
  }
}
