/**
 * Sends the log to sockets: live events to all, pages of it to each that replays. In a room without
 * recovery no event carries an offset.
 */
import type { Audience, EventLog, LoggedEvent, NewEvent } from "../log/event-log.ts";
import { type Extent, formatOffset, type GapReason } from "../log/offset.ts";
import { type Attachments, NO_ATTACHMENTS, sizeOf } from "../protocol/attachments.ts";
import type { Format } from "../protocol/format.ts";
import { encodeEnvelope, encodeEvent, type Head } from "../protocol/socket.ts";
import type { Session } from "../session/session.ts";
import type { Socket } from "../session/socket.ts";
import type { Counters } from "../telemetry/counters.ts";

/** One page of a replay: so much is sent to a socket before others get their turn. */
const PAGE = { limit: 500, maxChars: 256 * 1024 };

/** The last argument of an event with this seq; undefined in a room without recovery. */
export type OffsetOf = (seq: number) => string | undefined;

/** An event, encoded once in each form for all who get it so. */
class Frame {
  readonly event: LoggedEvent;
  readonly #offset: string | undefined;
  readonly #texts: { [form in Format]?: string } = {};

  /** @param offset what it carries as last argument; undefined in a room without recovery */
  constructor(event: LoggedEvent, offset: string | undefined) {
    this.event = event;
    this.#offset = offset;
  }

  sendTo({ session }: Socket): void {
    const { format } = session;
    this.#texts[format] ??= encode(format, this.event, this.event.data, this.#offset);
    sendWhole(session, this.#texts[format], this.event.attachments);
  }

  /** EMIT-1: all in the namespace get an event, but not the socket that emitted it. */
  isFor(socket: Socket): boolean {
    const { seq, namespace, sender, audience } = this.event;
    return (
      seq > socket.position.sent &&
      sender !== socket.id &&
      namespace === socket.namespace &&
      (audience === null || isAmong(socket, audience, seq))
    );
  }
}

/** Is the socket one of those that an event is for? For `seq` it counts where it was by then. */
function isAmong({ id, seat }: Socket, { to, except }: Audience, seq: number): boolean {
  const isIn = (room: string) => {
    const since = room === id ? 0 : seat.rooms.get(room);
    return since !== undefined && since < seq;
  };
  return (to.length === 0 || to.some(isIn)) && !except.some(isIn);
}

function encode(
  format: Format,
  head: Head,
  data: string,
  offset: string | undefined,
  ackId?: number,
): string {
  const form = format === "envelope" ? encodeEnvelope : encodeEvent;
  return form(head, data, offset, ackId);
}

/** Sends a packet's text, and its attachments right behind it. */
export function sendWhole(session: Session, text: string, attachments: Attachments): void {
  session.send(text);
  // Asked first: most events have none, and this is the hottest line there is.
  if (attachments.length > 0) for (const bytes of attachments) session.send(bytes);
}

/**
 * Sends newly logged events to the sockets that are live; the others get them from the log.
 * @returns the sockets that were live and fell behind: they replay from now on
 */
export function fanOut(
  sockets: Iterable<Socket>,
  events: readonly LoggedEvent[],
  offsetOf: OffsetOf,
  counters: Counters,
): Socket[] {
  const frames = events.map((event) => new Frame(event, offsetOf(event.seq)));
  const first = events[0]?.seq;
  const last = events.at(-1)?.seq;
  const size = events.reduce(
    (sum, event) => sum + event.data.length + sizeOf(event.attachments),
    0,
  );
  const fallen: Socket[] = [];
  if (first === undefined || last === undefined) return fallen;
  const live: Socket[] = [];
  for (const socket of sockets) {
    const { position, session } = socket;
    if (position.state !== "live") continue;
    if (!session.admits(size) || first > position.sent + 1) {
      // It can't keep up, or events are missing in between: the log has them all.
      socket.position = { state: "replaying", sent: position.sent, replayed: 0, announce: false };
      fallen.push(socket);
    } else {
      live.push(socket);
    }
  }
  // Event by event, so that a session with several namespaces gets them in the log's order.
  let sent = 0;
  for (const frame of frames) {
    for (const socket of live) {
      if (!frame.isFor(socket)) continue;
      frame.sendTo(socket);
      sent++;
    }
  }
  counters.deliveries += sent;
  for (const { position } of live) position.sent = last;
  return fallen;
}

/** An event that is sent and not logged (EMIT-7). */
export type EphemeralEvent = Omit<NewEvent, "publication">;

/**
 * Sends an event that is not logged to the sockets that are live. It carries how far each has come,
 * so that it can't become anybody's offset (SUB-8).
 * @returns to how many
 */
export function sendEphemeral(
  sockets: Iterable<Socket>,
  event: EphemeralEvent,
  offsetOf: OffsetOf,
): number {
  let sent = 0;
  // Encoded once for all who have come as far and read the same form.
  const frames = new Map<string, string>();
  for (const socket of sockets) {
    const { session, position, id, namespace } = socket;
    if (position.state !== "live" || !session.admits(0)) continue;
    if (id === event.sender || namespace !== event.namespace) continue;
    if (event.audience && !isAmong(socket, event.audience, Number.POSITIVE_INFINITY)) continue;
    const offset = offsetOf(position.sent);
    const form = `${session.format} ${offset}`;
    const frame = frames.get(form) ?? encode(session.format, event, event.data, offset);
    frames.set(form, frame);
    sendWhole(session, frame, event.attachments);
    sent++;
  }
  return sent;
}

/** Sends one socket an event that is not logged, whatever its state; it carries how far it has come. */
export function sendTo(socket: Socket, event: EphemeralEvent, offsetOf: OffsetOf): void {
  const { session, position } = socket;
  const text = encode(session.format, event, event.data, offsetOf(position.sent));
  sendWhole(session, text, event.attachments);
}

/** How far a socket has come (SUB-8); who has stopped is there still, though the epoch may be another one. */
function reached<O extends string | undefined>({ position }: Socket, offset: O): O | string {
  if (offset === undefined || position.state !== "stopped") return offset;
  return formatOffset(position.epoch, position.sent);
}

/** Sends one socket an event that it is to acknowledge. It is not logged, and carries how far the socket has come. */
export function sendQuestion(
  socket: Socket,
  data: string,
  attachments: Attachments,
  ackId: number,
  offsetOf: OffsetOf,
): void {
  const { session, namespace, position } = socket;
  const head = { namespace, attachments };
  const offset = reached(socket, offsetOf(position.sent));
  const text = encode(session.format, head, data, offset, ackId);
  sendWhole(session, text, attachments);
}

/**
 * Sends a replaying socket its next page. With the last one it goes live, in the same synchronous
 * turn, so that nothing slips between.
 */
export function replayPage(
  socket: Socket,
  log: EventLog,
  offsetOf: OffsetOf,
  counters: Counters,
): void {
  const { position, session } = socket;
  if (position.state !== "replaying" || !session.admits(0)) return;
  if (position.sent < log.first - 1) {
    const requested = formatOffset(log.epoch, position.sent);
    position.sent = log.first - 1;
    counters.gaps.count("trimmed");
    notifyGap(socket, log, requested, "trimmed");
  }
  const events = log.read({ after: position.sent, ...PAGE });
  for (const event of events) {
    const frame = new Frame(event, offsetOf(event.seq));
    if (!frame.isFor(socket)) continue;
    frame.sendTo(socket);
    position.replayed++;
    counters.replayed++;
    counters.replayedBytes += event.data.length + sizeOf(event.attachments);
  }
  position.sent = events.at(-1)?.seq ?? log.head;
  if (position.sent === log.head) {
    if (position.announce) {
      const offset = formatOffset(log.epoch, log.head);
      notify(socket, "roomlog:live", { offset, replayed: position.replayed }, offset);
    }
    socket.position = { state: "live", sent: log.head };
  }
  session.save();
}

/**
 * SUB-6: says that `requested` can't be served, before what can is sent.
 * @param from the seq that the replay begins with
 */
export function notifyGap(
  socket: Socket,
  log: EventLog,
  requested: string | number | null,
  reason: GapReason,
  from: number = log.first,
): void {
  const { first, head } = extentOf({ epoch: log.epoch, head: log.head, first: from });
  const reached = formatOffset(log.epoch, socket.position.sent);
  notify(socket, "roomlog:gap", { requested, first, head, reason }, reached);
}

/**
 * The log has a new epoch: tells a reader that it can't go on from where it was (SUB-16). What is
 * kept comes next, by replay.
 * @param before the epoch in which it was
 */
export function restart(socket: Socket, log: EventLog, before: string, counters: Counters): void {
  const { position, session } = socket;
  const requested = formatOffset(before, position.sent);
  const sent = log.first - 1;
  const begun = "replayed" in position ? position : { replayed: 0, announce: false };
  socket.position =
    position.state === "live" && sent === log.head
      ? { state: "live", sent }
      : { state: "replaying", sent, replayed: begun.replayed, announce: begun.announce };
  counters.gaps.count("epoch");
  notifyGap(socket, log, requested, "epoch");
  session.save();
}

/** The offsets of the oldest event kept (null when there is none) and of the newest. */
export function extentOf({ epoch, first, head }: Extent): { first: string | null; head: string } {
  return {
    first: first > head ? null : formatOffset(epoch, first),
    head: formatOffset(epoch, head),
  };
}

/**
 * Sends one of Roomlog's own events to several, encoded once for all who have come as far.
 * @param data name and argument, as JSON
 */
export function notifyAll(
  sockets: Iterable<Socket>,
  namespace: string,
  data: string,
  offsetOf: OffsetOf,
): void {
  const head = { namespace, attachments: NO_ATTACHMENTS };
  const frames = new Map<string | undefined, string>();
  for (const socket of sockets) {
    const offset = reached(socket, offsetOf(socket.position.sent));
    const frame = frames.get(offset) ?? encodeEvent(head, data, offset);
    frames.set(offset, frame);
    socket.session.send(frame);
  }
}

/** Sends one of Roomlog's own events; `offset` is how far this reader has come, if it hasn't stopped (SUB-8). */
export function notify(socket: Socket, name: string, payload: object, offset: string): void {
  const head = { namespace: socket.namespace, attachments: NO_ATTACHMENTS };
  const data = JSON.stringify([name, payload]);
  socket.session.send(encodeEvent(head, data, reached(socket, offset)));
}
