/** A client's event on its way through a room's code. */
import { contentDigest } from "../log/content.ts";
import type { Audience, NewEvent } from "../log/event-log.ts";
import type { Receipt } from "../log/receipt.ts";
import { fillIn, sizeOf } from "../protocol/attachments.ts";
import type { EventPacket } from "../protocol/socket.ts";
import { audienceOf, listOf } from "./audience.ts";
import { type Encoded, encodeArgs, encodeOutgoing } from "./outgoing.ts";
import type { Changes, Relayed } from "./types.ts";

/** What an event needs of its room. */
export type IncomingPorts = {
  /** Appends it now, within the turn or one of its own. */
  log(event: NewEvent): Receipt;
  send(event: NewEvent): void;
  readonly echo: boolean;
  /**
   * Answers the client; called once at most.
   * @param refusal the code, if it is refused
   */
  ack(values: Encoded, refusal?: string): void;
};

export class IncomingEvent {
  readonly name: string;
  readonly args: readonly unknown[];
  readonly ephemeral: boolean;
  readonly #event: NewEvent;
  readonly #ports: IncomingPorts;
  #over = false;
  #answered = false;

  /** @param event what the client asks to log: EMIT-1 without any change */
  constructor(packet: EventPacket, event: NewEvent, ephemeral: boolean, ports: IncomingPorts) {
    const [name, ...args] = fillIn(JSON.parse(event.data), packet.attachments);
    this.name = String(name);
    this.args = args;
    this.ephemeral = ephemeral;
    this.#event = event;
    this.#ports = ports;
  }

  /** Characters and bytes of what the client sent. */
  get size(): number {
    return this.#event.data.length + sizeOf(this.#event.attachments);
  }

  get idempotencyKey(): string | null {
    return this.#event.publication?.key ?? null;
  }

  relay(changes: Changes = {}): Relayed {
    if (this.#over)
      throw new Error("this event is over: it was relayed, refused, or took too long");
    const event = this.#changed(changes);
    this.#over = true;
    const { ack } = changes;
    if (changes.ephemeral ?? this.ephemeral) {
      this.#ports.send(event);
      this.#answer(ack ?? [{ offset: null, ephemeral: true }]);
      return { offset: null, duplicate: false };
    }
    const relayed = this.#ports.log(event);
    this.#answer(ack ?? [relayed]);
    return relayed;
  }

  ack(...values: unknown[]): void {
    this.#answer(values);
  }

  refuse(code: string, message: string, details: Readonly<Record<string, unknown>> = {}): void {
    this.#over = true;
    this.#answer([{ error: { ...details, code, message } }], code);
  }

  /** What it did was undone, its answer too: that had not left. */
  undo(): void {
    this.#answered = false;
  }

  /** Nothing more may come of it. */
  end(): void {
    this.#over = true;
  }

  #answer(values: readonly unknown[], refusal?: string): void {
    if (this.#answered) return;
    this.#answered = true;
    this.#ports.ack(encodeArgs(values), refusal);
  }

  #changed({ name, args, to, except, echo }: Changes): NewEvent {
    const event = this.#event;
    const { publication } = event;
    const audience: Audience | null =
      to === undefined && except === undefined
        ? null
        : audienceOf(listOf(to ?? []), listOf(except ?? []));
    const sender = (echo ?? this.#ports.echo) ? null : event.sender;
    const said: Encoded | null =
      name === undefined && args === undefined
        ? null
        : encodeOutgoing(name ?? this.name, args ?? this.args);
    const changed = { ...event, ...said, audience, sender };
    if (said === null && audience === null) return changed;
    return {
      ...changed,
      publication: publication && { ...publication, digest: contentDigest(event) },
    };
  }
}
