/** What a client was sent, read as a client reads it. */
import { Decoder, type Packet, PacketType } from "socket.io-parser";

export type Received = {
  readonly name: string;
  readonly args: readonly unknown[];
  /** The last string argument (SUB-1). */
  readonly offset: string;
};

export class Transcript {
  /** Engine.IO packets, as they came. */
  readonly packets: string[] = [];
  /** Events, Roomlog's own among them. */
  readonly events: Received[] = [];
  /** First arguments of acks, by id. */
  readonly acks = new Map<number, unknown[]>();
  connected: { readonly sid: string; readonly pid: string } | undefined;
  readonly errors: unknown[] = [];
  /** Ack ids of events that want an answer. */
  readonly questions: number[] = [];
  /** DISCONNECT packets. */
  disconnects = 0;
  readonly #decoder = new Decoder();

  constructor() {
    this.#decoder.on("decoded", (packet: Packet) => this.#take(packet));
  }

  /** Takes the next packet; a binary one as polling writes it. */
  add(packet: string): void {
    this.packets.push(packet);
    if (packet.startsWith("4")) this.#decoder.add(packet.slice(1));
    else if (packet.startsWith("b")) this.#decoder.add(Buffer.from(packet.slice(1), "base64"));
  }

  acksOf(id: number): unknown[] {
    return this.acks.get(id) ?? [];
  }

  #take({ type, id, data }: Packet): void {
    switch (type) {
      case PacketType.CONNECT:
        this.connected = data;
        break;
      case PacketType.CONNECT_ERROR:
        this.errors.push(data);
        break;
      case PacketType.DISCONNECT:
        this.disconnects++;
        break;
      case PacketType.ACK:
      case PacketType.BINARY_ACK:
        this.acks.set(id ?? -1, [...this.acksOf(id ?? -1), data[0]]);
        break;
      default: {
        const offset = data.at(-1);
        if (typeof offset !== "string") throw new Error(`an event without an offset: ${data}`);
        this.events.push({ name: String(data[0]), args: data.slice(1, -1), offset });
        if (id !== undefined) this.questions.push(id);
      }
    }
  }
}
