/** Answers to a client's events. */
import { NO_ATTACHMENTS } from "../protocol/attachments.ts";
import { type EventPacket, encodeAck } from "../protocol/socket.ts";
import type { Socket } from "../session/socket.ts";
import { sendWhole } from "./delivery.ts";
import type { Ack } from "./emit.ts";
import type { Encoded } from "./outgoing.ts";

/** Answers the client, if it asked for an ack and is still there. */
export function ackOf({ session }: Socket, { namespace, ackId }: EventPacket): Ack {
  return ({ data, attachments }) => {
    if (ackId === undefined || session.ended) return;
    sendWhole(session, encodeAck({ namespace, attachments }, ackId, data), attachments);
  };
}

/** An ack's single value. */
export function oneValue(value: object): Encoded {
  return { data: `[${JSON.stringify(value)}]`, attachments: NO_ATTACHMENTS };
}
