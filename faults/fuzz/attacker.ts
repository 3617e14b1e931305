// One client of the fuzzer: does what its input says, and notes what it is told.
import { RelayError } from "../../src/errors.ts";
import { type Packet, packetsOf } from "../../src/protocol/engine.ts";
import { RecordingWire } from "../../test/support/recording-wire.ts";
import type { PacketInput, Step } from "./input.ts";
import type { World } from "./world.ts";

/** Close codes that the protocol's document knows (ENG-11). */
const CODES: ReadonlySet<number> = new Set([1000, 1002, 1008, 1009, 1011, 1013]);

const CONNECTED = /^40(?:\/[^,]*,)?\{"sid":"([^"]+)"/;

export class Attacker {
  readonly input: PacketInput;
  /** Texts that it sent, as they went out. */
  readonly sent: string[] = [];
  readonly #world: World;
  readonly #sid: string;
  #wire: RecordingWire | undefined;
  readonly #probes: RecordingWire[] = [];
  readonly #fetched: string[] = [];
  /** Requests that have no answer. */
  #posts = 0;
  #gets = 0;
  /** Of a polling client: its session went with an instance. */
  #lost = false;

  constructor(world: World, input: PacketInput) {
    this.#world = world;
    this.input = input;
    const { sessions } = world.room;
    if (input.transport === "websocket") {
      this.#wire = new RecordingWire();
      this.#sid = sessions.openWebSocket(this.#wire, input.format).sid;
    } else {
      this.#sid = sessions.openPolling(input.format).sid;
      this.#poll();
    }
  }

  /** Its WebSockets, with what each kept. */
  get wires(): RecordingWire[] {
    return [...this.#probes, ...(this.#wire === undefined ? [] : [this.#wire])];
  }

  /** Everything that it was sent. */
  get received(): string[] {
    return [...this.#fetched, ...this.wires.flatMap(({ frames }) => frames)];
  }

  get pid(): string {
    const answer = this.received.findLast((frame) => frame.startsWith("40{"));
    return answer === undefined ? "" : String(JSON.parse(answer.slice(2)).pid);
  }

  /** Is this what one of its sockets is called? */
  isCalled(id: string | null): boolean {
    return this.received.some((frame) => CONNECTED.exec(frame)?.[1] === id);
  }

  /** Has it sent what is logged so? */
  hasSent(data: string): boolean {
    const text = data.slice(0, -1);
    return this.sent.some((sent) => sent.includes(text));
  }

  take(step: Step): void {
    switch (step.do) {
      case "send":
        this.#send(this.#named(step.text));
        break;
      case "bytes":
        this.#send(`b${step.base64}`);
        break;
      case "post":
        this.#post(this.#named(step.body));
        break;
      case "poll":
        this.#poll();
        break;
      case "probe":
        this.#probe(step.texts);
        break;
      case "pass":
        this.#world.pass(step.milliseconds);
        break;
      case "evict":
        this.#world.evict();
    }
  }

  #named(text: string): string {
    if (!text.includes("$")) return text;
    return text
      .replaceAll("$PID", this.pid)
      .replaceAll("$OTHERS-PID", this.#world.healthyPid)
      .replaceAll("$SID", this.#sid)
      .replaceAll("$HEAD", this.#world.head)
      .replaceAll("$EPOCH", this.#world.room.log.epoch);
  }

  #send(text: string): void {
    // A probe that has not been refused is the client's way from then on.
    const wire = this.#wire ?? this.#probes.findLast(({ closed }) => closed === undefined);
    if (wire === undefined) {
      this.#post(text);
      return;
    }
    this.sent.push(text);
    // As in a POST, so that both mean the same.
    const [packet = text] = text.startsWith("b") ? packetsOf(text) : [text];
    this.#message(wire, packet);
  }

  #message(wire: RecordingWire, packet: Packet): void {
    // A socket that is closed says nothing more.
    if (wire.closed !== undefined) return;
    this.#world.run("a frame", () => this.#world.room.sessions.message(wire, packet));
  }

  #post(body: string): void {
    this.sent.push(body);
    this.#posts++;
    const { sessions } = this.#world.room;
    this.#world.run("a POST", async () => {
      await sessions.post(this.#sid, async () => body);
      this.#posts--;
    });
  }

  #poll(): void {
    const answer = this.#world.room.sessions.poll(this.#sid);
    this.#gets++;
    // A GET is held for as long as there is nothing to say: nobody waits for it here.
    void Promise.resolve(answer).then((payload) => {
      this.#gets--;
      if (typeof payload === "string") this.#fetched.push(...payload.split("\x1e"));
    });
  }

  #probe(texts: readonly string[]): void {
    const { sessions } = this.#world.room;
    if (this.input.transport === "websocket" || sessions.refuseUpgrade(this.#sid)) return;
    const wire = new RecordingWire();
    this.#probes.push(wire);
    this.#world.run("an upgrade", () => sessions.upgrade(this.#sid, wire));
    for (const text of texts) {
      // Behind the switch it is a packet as any other.
      this.sent.push(text);
      this.#message(wire, text);
    }
  }

  /** The room's instance is gone, and its polling sessions with it. */
  evicted(): void {
    this.#lost = this.input.transport === "polling";
    this.#posts = 0;
    this.#gets = 0;
  }

  /** Goes without a word, over polling with one; what was sent before has been taken. */
  leave(): void {
    const { sessions } = this.#world.room;
    for (const wire of this.wires) {
      if (wire.closed !== undefined && !CODES.has(wire.closed.code)) {
        this.#world.find(`closed with ${wire.closed.code} ${wire.closed.reason}`);
      }
      wire.close(1006, "gone");
      this.#world.run("a close", () => sessions.disconnected(wire, wire.saved));
    }
    if (this.input.transport !== "polling" || this.#lost) return;
    // To know what it is called.
    if (this.#gets === 0) this.#poll();
    this.#post("1");
  }

  /** What is wrong with what it was told, once it has left. */
  judge(): void {
    if (this.#posts > 0) this.#world.find("a POST without an answer");
    if (this.#gets > 0) this.#world.find("a GET without an answer, though its session is over");
    for (const frame of this.received) this.#world.judgeFrame(frame);
  }
}

/** Is it a refusal that somebody was told, and no surprise? */
export function isRefusal(error: unknown): boolean {
  return error instanceof RelayError && error.code !== "internal";
}
