/** What a room puts up with, beside what its protocol fixes. */
import type { Rate } from "./rate.ts";

/** No more rooms can be allowed: those that a socket is in are stored in one row. */
export const MOST_ROOMS = 1_000;

export type Limits = {
  /** Sockets that have joined. Variable `MAX_SOCKETS`. */
  readonly sockets: number;
  /** … of one identity. Variable `MAX_SOCKETS_PER_IDENTITY`. */
  readonly socketsPerIdentity: number;
  /** Sessions that are in no namespace. Variable `MAX_HANDSHAKES`. */
  readonly handshakes: number;
  /** … from one address. Variable `MAX_HANDSHAKES_PER_ADDRESS`. */
  readonly handshakesPerAddress: number;
  /** Namespaces that one session joins. Variable `MAX_NAMESPACES`. */
  readonly namespaces: number;
  /** Rooms that one socket is in. Variable `MAX_ROOMS`. */
  readonly rooms: number;
  /** Binary arguments of one event. Variable `MAX_ATTACHMENTS`. */
  readonly attachments: number;
  /** Events, or sockets, in one page over HTTP. Variable `MAX_PAGE`. */
  readonly page: number;
  /** A session's packets that ask for no answer. Variables `PACKET_RATE`, `PACKET_BURST`. */
  readonly packets: Rate;
  /** One identity's events. Variables `EMIT_RATE`, `EMIT_BURST`. */
  readonly emits: Rate;
  /** Everybody's events. Variables `ROOM_EMIT_RATE`, `ROOM_EMIT_BURST`. */
  readonly roomEmits: Rate;
};
