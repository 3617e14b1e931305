/** What the sockets and broadcasts of a room's code do in their room. */
import type { EventLog } from "../log/event-log.ts";
import { receiptOf } from "../log/receipt.ts";
import { encodeDisconnect } from "../protocol/socket.ts";
import type { Socket } from "../session/socket.ts";
import { type EphemeralEvent, type OffsetOf, sendQuestion, sendTo } from "./delivery.ts";
import type { DisconnectReason } from "./handlers.ts";
import type { Members } from "./members.ts";
import { encodeOutgoing } from "./outgoing.ts";
import type { Outlet } from "./outlet.ts";
import type { Questions } from "./questions.ts";
import type { SocketPorts } from "./server-socket.ts";

/** The parts of the room that they act on. */
type Parts = {
  readonly members: Members;
  readonly outlet: Outlet;
  readonly questions: Questions;
  readonly offsetOf: OffsetOf;
  log(): EventLog;
  maxRooms(): number;
  sendEphemeral(event: EphemeralEvent): void;
  touch(socket: Socket): void;
  leave(socket: Socket, reason: DisconnectReason): void;
};

export function socketPortsOf(parts: Parts): SocketPorts {
  const { members, outlet, questions, offsetOf, log, maxRooms, touch } = parts;
  return {
    maxRooms,
    touch,
    isJoined: (socket) => members.has(socket),
    head: () => log().head,
    greet: (socket, event) => {
      if (members.readers.has(socket)) sendTo(socket, event, offsetOf);
    },
    log: (event) => {
      const kept = outlet.append({ ...event, publication: null });
      return receiptOf(kept, log().epoch).offset;
    },
    send: (event) => outlet.afterwards(() => parts.sendEphemeral(event)),
    ask: (socket, timeout, name, args) => {
      const { data, attachments } = encodeOutgoing(name, args);
      return questions.ask(socket, timeout, (ackId) => {
        outlet.afterwards(() => sendQuestion(socket, data, attachments, ackId, offsetOf));
      });
    },
    disconnect: (socket, close) => outlet.afterwards(() => disconnect(parts, socket, close)),
  };
}

function disconnect({ members, leave }: Parts, socket: Socket, close: boolean): void {
  const { session, namespace } = socket;
  const joined = members.has(socket);
  // One that has not been let in yet will not be, and has nothing to leave.
  if (!joined && !members.settle(socket)) return;
  if (close) {
    session.end("server disconnect");
    return;
  }
  session.send(encodeDisconnect(namespace));
  if (!joined) return;
  leave(socket, "server namespace disconnect");
  session.save();
}
