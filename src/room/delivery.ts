/** Sends the log to sockets: live events to all, pages of it to each that replays. */
import type { EventLog, LoggedEvent, NewEvent } from "../log/event-log.ts";
import { type Extent, formatOffset, type GapReason } from "../log/offset.ts";
import type { Format } from "../protocol/format.ts";
import { encodeEnvelope, encodeEvent } from "../protocol/socket.ts";
import type { Socket } from "../session/socket.ts";

/** One page of a replay: so much is sent to a socket before others get their turn. */
const PAGE = { limit: 500, maxChars: 256 * 1024 };

/** An event, encoded once in each form for all who get it so. */
class Frame {
  readonly event: LoggedEvent;
  readonly #offset: string;
  readonly #texts: { [form in Format]?: string } = {};

  constructor(event: LoggedEvent, epoch: string) {
    this.event = event;
    this.#offset = formatOffset(epoch, event.seq);
  }

  in(format: Format): string {
    const { namespace, data } = this.event;
    this.#texts[format] ??= encode(format, namespace, data, this.#offset);
    return this.#texts[format];
  }

  /** EMIT-1: all in the namespace get an event, but not the socket that emitted it. */
  isFor({ id, position, namespace: own }: Socket): boolean {
    const { seq, namespace, sender } = this.event;
    return seq > position.sent && sender !== id && namespace === own;
  }
}

function encode(format: Format, namespace: string, data: string, offset: string): string {
  return format === "envelope"
    ? encodeEnvelope(namespace, data, offset)
    : encodeEvent(namespace, data, offset);
}

/**
 * Sends newly logged events to the sockets that are live; the others get them from the log.
 * @returns the sockets that were live and fell behind: they replay from now on
 */
export function fanOut(
  sockets: Iterable<Socket>,
  events: readonly LoggedEvent[],
  epoch: string,
): Socket[] {
  const frames = events.map((event) => new Frame(event, epoch));
  const first = events[0]?.seq;
  const last = events.at(-1)?.seq;
  const fallen: Socket[] = [];
  if (first === undefined || last === undefined) return fallen;
  const live: Socket[] = [];
  for (const socket of sockets) {
    const { position, session } = socket;
    if (position.state !== "live") continue;
    if (session.congested || first > position.sent + 1) {
      // It can't keep up, or events are missing in between: the log has them all.
      socket.position = { state: "replaying", sent: position.sent, replayed: 0, announce: false };
      fallen.push(socket);
    } else {
      live.push(socket);
    }
  }
  // Event by event, so that a session with several namespaces gets them in the log's order.
  for (const frame of frames) {
    for (const socket of live) {
      if (frame.isFor(socket)) socket.session.send(frame.in(socket.session.format));
    }
  }
  for (const { position } of live) position.sent = last;
  return fallen;
}

/** An event that is sent and not logged (EMIT-7). */
export type EphemeralEvent = Pick<NewEvent, "namespace" | "data" | "sender">;

/**
 * Sends an event that is not logged to the sockets that are live. It carries how far each has come,
 * so that it can't become anybody's offset (SUB-8).
 */
export function sendEphemeral(
  sockets: Iterable<Socket>,
  { namespace, data, sender }: EphemeralEvent,
  epoch: string,
): void {
  // Encoded once for all who have come as far and read the same form.
  const frames = new Map<string, string>();
  for (const { session, position, id, namespace: own } of sockets) {
    if (position.state !== "live" || session.congested || id === sender || own !== namespace) {
      continue;
    }
    const offset = formatOffset(epoch, position.sent);
    const form = `${session.format} ${offset}`;
    const frame = frames.get(form) ?? encode(session.format, namespace, data, offset);
    frames.set(form, frame);
    session.send(frame);
  }
}

/**
 * Sends a replaying socket its next page. With the last one it goes live, in the same synchronous
 * turn, so that nothing slips between.
 */
export function replayPage(socket: Socket, log: EventLog): void {
  const { position, session } = socket;
  if (position.state !== "replaying" || session.congested) return;
  if (position.sent < log.first - 1) {
    const requested = formatOffset(log.epoch, position.sent);
    position.sent = log.first - 1;
    notifyGap(socket, log, requested, "trimmed");
  }
  const events = log.read({ after: position.sent, ...PAGE });
  for (const event of events) {
    const frame = new Frame(event, log.epoch);
    if (!frame.isFor(socket)) continue;
    session.send(frame.in(session.format));
    position.replayed++;
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

/** SUB-6: says that `requested` can't be served, before what is kept is sent. */
export function notifyGap(
  socket: Socket,
  log: EventLog,
  requested: string | number | null,
  reason: GapReason,
): void {
  const { first, head } = extentOf(log);
  const reached = formatOffset(log.epoch, socket.position.sent);
  notify(socket, "roomlog:gap", { requested, first, head, reason }, reached);
}

/** The offsets of the oldest event kept (null when there is none) and of the newest. */
export function extentOf({ epoch, first, head }: Extent): { first: string | null; head: string } {
  return {
    first: first > head ? null : formatOffset(epoch, first),
    head: formatOffset(epoch, head),
  };
}

/** Sends one of Roomlog's own events; `offset` is how far this reader has come (SUB-8). */
export function notify(socket: Socket, name: string, payload: object, offset: string): void {
  socket.session.send(encodeEvent(socket.namespace, JSON.stringify([name, payload]), offset));
}
