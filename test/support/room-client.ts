/** Clients of a room in the harness, by transport. */

import { PING, PONG, packetsOf } from "../../src/protocol/engine.ts";
import type { RecordingWire } from "./recording-wire.ts";
import type { Harness } from "./room-harness.ts";
import { type Received, Transcript } from "./transcript.ts";

/** What both transports share. */
abstract class Client {
  protected readonly harness: Harness;
  readonly sid: string;

  constructor(harness: Harness, sid: string) {
    this.harness = harness;
    this.sid = sid;
  }

  /** Sends Engine.IO packets, binary ones as polling writes them; does not wait for what comes of them. */
  abstract send(...packets: string[]): void;
  abstract get transcript(): Transcript;

  connect(auth?: object): void {
    this.send(auth === undefined ? "40" : `40${JSON.stringify(auth)}`);
  }

  /** Sends an event, and returns its ack's id. */
  emit(name: string, ...args: unknown[]): number {
    const id = this.harness.nextAck++;
    this.send(`42${id}${JSON.stringify([name, ...args])}`);
    return id;
  }

  /** Sends an event and waits for what comes of it: the ack's argument, undefined if none came. */
  async ask(name: string, ...args: unknown[]): Promise<unknown> {
    const id = this.emit(name, ...args);
    await this.harness.settle();
    return this.transcript.acksOf(id)[0];
  }

  get id(): string {
    return this.transcript.connected?.sid ?? "";
  }

  get pid(): string {
    return this.transcript.connected?.pid ?? "";
  }

  /** The users' events, without Roomlog's own. */
  get events(): Received[] {
    return this.transcript.events.filter(({ name }) => !name.startsWith("roomlog:"));
  }

  /** Roomlog's own events. */
  get notices(): Received[] {
    return this.transcript.events.filter(({ name }) => name.startsWith("roomlog:"));
  }

  /** Seqs of the users' events. */
  get seqs(): number[] {
    return this.events.map(({ offset }) => Number(offset.split("-")[1]));
  }

  /** The last offset that any event carried, as the stock client remembers it. */
  get offset(): string | undefined {
    return this.transcript.events.at(-1)?.offset;
  }

  /** What the stock client sends when it comes back. */
  get resume(): { readonly pid: string; readonly offset?: string } {
    const { pid, offset } = this;
    return offset === undefined ? { pid } : { pid, offset };
  }
}

export class WireClient extends Client {
  readonly wire: RecordingWire;
  readonly #transcript = new Transcript();
  /** So many frames of the wire are in the transcript. */
  #read = 0;
  /** So many pings have an answer. */
  #ponged = 0;

  constructor(harness: Harness, wire: RecordingWire, sid: string) {
    super(harness, sid);
    this.wire = wire;
  }

  override send(...packets: string[]): void {
    for (const packet of packets.flatMap((text) => [...packetsOf(text)]))
      this.harness.track(this.harness.room.sessions.message(this.wire, packet));
  }

  override get transcript(): Transcript {
    for (; this.#read < this.wire.frames.length; this.#read++) {
      this.#transcript.add(this.wire.frames[this.#read] ?? "");
    }
    return this.#transcript;
  }

  /** Answers the pings that have come, and those that come then, until nothing more does. */
  async drain(): Promise<void> {
    while (this.pong() > 0) await this.harness.settle();
  }

  /** Answers the pings that have come and have no answer; gives how many. */
  pong(): number {
    const pings = this.wire.frames.filter((frame) => frame === PING).length;
    const answers = pings - this.#ponged;
    this.#ponged = pings;
    for (let n = 0; n < answers; n++) this.send(PONG);
    return answers;
  }

  /** The connection breaks. */
  drop(): void {
    this.wire.close(1006, "dropped");
    this.harness.room.sessions.disconnected(this.wire);
  }
}

export type PollAnswer = string | { readonly code: number };

export class PollingClient extends Client {
  override readonly transcript = new Transcript();
  /** Answers to POSTs that were no `ok`. */
  readonly refused: unknown[] = [];

  override send(...packets: string[]): void {
    const post = this.harness.room.sessions.post(this.sid, async () => packets.join("\x1e"));
    const answered = post.then((answer) => {
      if (answer !== "ok") this.refused.push(answer);
    });
    this.harness.track(answered);
  }

  /** One GET; resolves when it is answered. */
  async poll(): Promise<PollAnswer> {
    const answer = await this.harness.room.sessions.poll(this.sid);
    if (typeof answer === "string") {
      for (const packet of answer.split("\x1e")) this.transcript.add(packet);
    }
    return answer;
  }

  /** Polls again and again, until a GET is held. */
  async drain(): Promise<void> {
    for (;;) {
      let answered = false;
      const poll = this.poll().then(() => {
        answered = true;
      });
      await this.harness.settle();
      if (!answered) {
        this.held = poll;
        return;
      }
    }
  }

  /** The GET that waits for something to come, after `drain`. */
  held: Promise<void> | undefined;
}
