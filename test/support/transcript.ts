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

  add(packet: string): void {
    this.packets.push(packet);
    if (!packet.startsWith("4")) return;
    const { type, id, data } = decode(packet.slice(1));
    if (type === PacketType.CONNECT) this.connected = data;
    if (type === PacketType.CONNECT_ERROR) this.errors.push(data);
    if (type === PacketType.ACK) this.acks.set(id ?? -1, [...this.acksOf(id ?? -1), data[0]]);
    if (type === PacketType.EVENT) {
      const offset = data.at(-1);
      if (typeof offset !== "string") throw new Error(`an event without an offset: ${packet}`);
      this.events.push({ name: String(data[0]), args: data.slice(1, -1), offset });
    }
  }

  acksOf(id: number): unknown[] {
    return this.acks.get(id) ?? [];
  }
}

function decode(text: string): Packet {
  const decoder = new Decoder();
  let decoded: Packet | undefined;
  decoder.on("decoded", (packet: Packet) => {
    decoded = packet;
  });
  decoder.add(text);
  if (decoded === undefined) throw new Error(`not a whole packet: ${text}`);
  return decoded;
}
