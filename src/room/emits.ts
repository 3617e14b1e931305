/** What becomes of a client's EVENT: the plain relay's answer, or what the room's code makes of it. */
import { may } from "../auth/access.ts";
import { ERRORS } from "../errors.ts";
import type { Appended, EventLog, NewEvent } from "../log/event-log.ts";
import { keyName } from "../log/keys.ts";
import { formatOffset } from "../log/offset.ts";
import { isKeyRefused, type Receipt, receiptOf } from "../log/receipt.ts";
import { matchesGlob } from "../protocol/names.ts";
import type { EventPacket } from "../protocol/socket.ts";
import type { Socket } from "../session/socket.ts";
import { CLOSE_CODES } from "../session/wire.ts";
import type { RoomBehaviour } from "../settings.ts";
import type { Counters } from "../telemetry/counters.ts";
import { CUSTOM, type Refusals } from "../telemetry/refusals.ts";
import { ackOf, oneValue } from "./ack.ts";
import type { Code } from "./code.ts";
import type { Outcome } from "./commits.ts";
import { type EphemeralEvent, notify } from "./delivery.ts";
import { type Ack, isRefusal, KEY_REFUSALS, type Refusal, readEmit } from "./emit.ts";
import { IncomingEvent } from "./incoming-event.ts";
import type { Outlet } from "./outlet.ts";
import type { ServerSocket } from "./server-socket.ts";

/** What emits need of their room. */
export type EmitPorts = {
  /** The room's name. */
  readonly name: string;
  readonly code: Code;
  readonly outlet: Outlet;
  behaviour(): RoomBehaviour;
  readonly counters: Counters;
  readonly refusals: Refusals;
  /** Milliseconds since 1970. */
  now(): number;
  /** May another event of this identity come in? If not, in how many milliseconds may it? */
  take(identity: string): number;
  log(): EventLog;
  viewOf(socket: Socket): ServerSocket;
  /** Queues events to be logged, all or none, in the next turn. */
  submit(events: readonly NewEvent[], settle: (outcome: Outcome) => void): void;
  sendEphemeral(event: EphemeralEvent): void;
};

/** What an emit's ack says; undefined where there is to be none (EMIT-5). */
type AckResult =
  | { readonly offset: null; readonly ephemeral: true }
  | Receipt
  | { readonly error: Refusal }
  | undefined;

/** A socket hears at most so often, in milliseconds, that it is too fast. */
const TELL_AGAIN = 1_000;

const STORAGE_FULL: Refusal = { code: "storage_full", message: "the room's storage is full" };

export class Emits {
  readonly #ports: EmitPorts;
  /** When each socket was last told that it is too fast. */
  readonly #told = new WeakMap<Socket, number>();

  constructor(ports: EmitPorts) {
    this.#ports = ports;
  }

  /** EMIT-7: is an event of this name sent without being logged? */
  isEphemeral(name: unknown): boolean {
    const { ephemeral } = this.#ports.behaviour();
    return ephemeral.some((pattern) => matchesGlob(pattern, String(name)));
  }

  /** Takes an event of a socket that has joined. */
  take(socket: Socket, packet: EventPacket): void {
    const { name, code } = this.#ports;
    const { echo, limits } = this.#ports.behaviour();
    const { namespace, args, attachments } = packet;
    const ack = ackOf(socket, packet);
    const answer = (result: AckResult) => {
      if (result === undefined) return;
      if ("error" in result) this.#refused(result.error.code);
      ack(oneValue(result));
    };
    if (!may(socket.claims, "write", name)) {
      if (!this.#spend(socket, packet)) return;
      answer({ error: { code: "forbidden", message: "writing is not allowed here" } });
      return;
    }
    const wait = this.#ports.take(socket.claims.identity);
    if (wait > 0) {
      this.#tooFast(socket, packet, wait);
      return;
    }
    const { epoch } = this.#ports.log();
    const emit = readEmit(packet, epoch, socket.session.format, limits.attachments);
    if (isRefusal(emit)) {
      answer({ error: emit });
      return;
    }
    const { data, key, after } = emit;
    const { identity } = socket.claims;
    const publication = key === null ? null : { identity, key, after, digest: null };
    const sender = echo ? null : socket.id;
    const event = { namespace, data, attachments, audience: null, sender, publication };
    const ephemeral = this.isEphemeral(args[0]);
    if (code.handlesEvents) {
      this.#handle(socket, packet, { ...event, sender: socket.id }, ephemeral, ack);
    } else if (ephemeral) {
      this.#ports.sendEphemeral(event);
      answer({ offset: null, ephemeral: true });
    } else {
      this.#ports.submit([event], (outcome) => answer(this.#resultOf(outcome)));
    }
  }

  /**
   * What takes nothing of the room's rate has a price for its session: one that goes on like that is
   * closed (ENG-13), and false. An event without an ack id has paid it.
   */
  #spend({ session }: Socket, { ackId }: EventPacket): boolean {
    return ackId === undefined || session.spend(this.#ports.now());
  }

  /** EMIT-9: no ack, so that the client tries again. */
  #tooFast(socket: Socket, packet: EventPacket, wait: number): void {
    const { log, now } = this.#ports;
    const { recovery } = this.#ports.behaviour();
    this.#refused("rate_limited");
    if (!this.#spend(socket, packet)) return;
    if (!recovery || now() - (this.#told.get(socket) ?? 0) < TELL_AGAIN) return;
    this.#told.set(socket, now());
    const refusal = { code: "rate_limited", retryAfter: Math.ceil(wait) };
    notify(socket, "roomlog:refused", refusal, formatOffset(log().epoch, socket.position.sent));
  }

  #refused(code: string): void {
    this.#ports.refusals.add(code, this.#ports.now());
  }

  /** Lets the room's code decide what becomes of an event. */
  #handle(
    socket: Socket,
    packet: EventPacket,
    event: NewEvent,
    ephemeral: boolean,
    ack: Ack,
  ): void {
    const { outlet, code, viewOf } = this.#ports;
    const incoming = new IncomingEvent(packet, event, ephemeral, {
      log: (changed) => receiptOf(outlet.append(changed), this.#ports.log().epoch),
      send: (changed) => outlet.afterwards(() => this.#ports.sendEphemeral(changed)),
      echo: this.#ports.behaviour().echo,
      ack: (values, refusal) =>
        outlet.afterwards(() => {
          if (refusal !== undefined) this.#refused(ownCode(refusal));
          ack(values);
        }),
    });
    const isKnown = () => {
      const known = this.#ports.log().find(event);
      if (known === undefined) return false;
      incoming.ack(this.#answerTo(known));
      if (known.kind === "duplicate") this.#ports.counters.duplicates++;
      else this.#refused(known.kind);
      return true;
    };
    const { publication } = event;
    const key = publication === null ? undefined : keyName(publication);
    const taken = code.event(socket, viewOf(socket), incoming, isKnown, key);
    if (taken === "too_many") socket.session.end("too many packets", CLOSE_CODES.policy);
    // EMIT-5: no ack, so that the client tries again.
    if (taken === "overloaded") this.#refused(taken);
  }

  #resultOf(outcome: Outcome): AckResult {
    const result = outcome.kind === "logged" ? outcome.results[0] : outcome;
    switch (result?.kind) {
      case "appended":
      case "duplicate":
      case "key_reused":
      case "key_expired":
        return this.#answerTo(result);
      case "storage_full":
        return { error: STORAGE_FULL };
      case "overloaded":
        this.#refused("overloaded");
        return undefined;
      // EMIT-5: a refusal that may pass is no ack, so that the client tries again.
      default:
        return undefined;
    }
  }

  #answerTo(result: Appended): AckResult {
    return isKeyRefused(result)
      ? { error: { code: result.kind, message: KEY_REFUSALS[result.kind] } }
      : receiptOf(result, this.#ports.log().epoch);
  }
}

/** A refusal's code as it is counted: what a room's code calls its own is told as one. */
function ownCode(code: string): string {
  return code === "timeout" || Object.hasOwn(ERRORS, code) ? code : CUSTOM;
}
