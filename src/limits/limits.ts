/** What a room puts up with, beside what its protocol fixes. */
import type { Rate } from "./rate.ts";

export type Limits = {
  /** Sockets that have joined. Variable `MAX_SOCKETS`. */
  readonly sockets: number;
  /** … of one identity. Variable `MAX_SOCKETS_PER_IDENTITY`. */
  readonly socketsPerIdentity: number;
  /** Sessions that have joined nothing yet. Variable `MAX_HANDSHAKES`. */
  readonly handshakes: number;
  /** … from one address. Variable `MAX_HANDSHAKES_PER_ADDRESS`. */
  readonly handshakesPerAddress: number;
  /** A session's packets that ask for no answer. Variables `PACKET_RATE`, `PACKET_BURST`. */
  readonly packets: Rate;
  /** One identity's events. Variables `EMIT_RATE`, `EMIT_BURST`. */
  readonly emits: Rate;
  /** Everybody's events. Variables `ROOM_EMIT_RATE`, `ROOM_EMIT_BURST`. */
  readonly roomEmits: Rate;
};
