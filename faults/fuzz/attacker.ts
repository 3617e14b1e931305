// One client of the fuzzer: does what its input says, and notes what it is told.
import { RelayError } from "../../src/errors.ts";
import type { LoggedEvent } from "../../src/log/event-log.ts";
import { type Packet, packetsOf } from "../../src/protocol/engine.ts";
import { RecordingWire } from "../../test/support/recording-wire.ts";
import { Handed, type Sent } from "./handed.ts";
import type { PacketInput, Step } from "./input.ts";
import type { World } from "./world.ts";

/** Close codes that the protocol's document knows (ENG-11). */
const CODES: ReadonlySet<number> = new Set([1000, 1002, 1008, 1009, 1011, 1013, 3000]);

const CONNECTED = /^40(?:(\/[^,]*),)?\{"sid":"([^"]+)"/;

/** An event that is no word of the room's own. */
const EVENT = /^4[25](?:\d+-)?(?:\/[^,]*,)?\d*\["(?!roomlog:)/;

export class Attacker {
  readonly input: PacketInput;
  /** Texts that it sent, as they went out. */
  readonly #sent: Sent[] = [];
  readonly #handed: Handed;
  readonly #who: number;
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

  /** @param who tells it from the others of its batch */
  constructor(world: World, input: PacketInput, who: number) {
    this.#world = world;
    this.input = input;
    this.#who = who;
    this.#handed = new Handed(world.credentials, world.name);
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

  /** What its sockets are called, as far as it has been told. */
  get ids(): string[] {
    return this.received.flatMap((frame) => CONNECTED.exec(frame)?.[2] ?? []);
  }

  /** Over polling, one may be gone before it is told what its socket is called. */
  get mayHaveOther(): boolean {
    return this.input.transport === "polling" && this.#handed.sockets > this.ids.length;
  }

  /** Has it sent what is logged so? */
  hasSent(data: string): boolean {
    const text = data.slice(0, -1);
    return this.#sent.some((sent) => sent.text.includes(text));
  }

  /** Had it the right to emit this event when it sent it? In envelope form events are written anew. */
  hadRightTo(event: LoggedEvent): boolean {
    const text = this.input.format === "args" ? event.data.slice(0, -1) : "";
    const sent = this.#sent.filter((sent) => sent.text.includes(text));
    return this.#handed.mayWrite(
      event,
      sent.map(({ at }) => at),
    );
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
      case "late":
        this.#world.harness.now += step.milliseconds;
        break;
      case "evict":
        this.#world.evict();
    }
  }

  #named(text: string): string {
    if (!text.includes("$")) return text;
    return this.#world.credentials
      .fill(text, this.#who)
      .replaceAll("$PID", this.pid)
      .replaceAll("$OTHERS-PID", this.#world.healthyPid)
      .replaceAll("$SID", this.#sid)
      .replaceAll("$HEAD", this.#world.head)
      .replaceAll("$EPOCH", this.#world.room.log.epoch);
  }

  #note(text: string): void {
    this.#sent.push({ text, at: this.#world.harness.now });
    this.#handed.note(text);
  }

  #send(text: string): void {
    // A probe that has not been refused is the client's way from then on.
    const wire = this.#wire ?? this.#probes.findLast(({ closed }) => closed === undefined);
    if (wire === undefined) {
      this.#post(text);
      return;
    }
    this.#note(text);
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
    this.#note(body);
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
      this.#note(text);
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
    const mayRead = this.#handed.mayRead();
    for (const frame of this.received) {
      this.#world.judgeFrame(frame);
      const [joined, namespace = "/"] = CONNECTED.exec(frame) ?? [];
      if (joined && !this.#handed.mayBeIn(namespace)) this.#world.find(`let in: ${frame}`);
      if (!mayRead && EVENT.test(frame)) this.#world.find(`sent to who may not read: ${frame}`);
    }
  }
}

/** Is it a refusal that somebody was told, and no surprise? */
export function isRefusal(error: unknown): boolean {
  return error instanceof RelayError && error.code !== "internal";
}
