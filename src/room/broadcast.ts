/** `to(…).except(…).emit(…)`: whom an event of the room's code goes to. */
import type { Audience } from "../log/event-log.ts";
import { audienceOf, listOf, type Rooms } from "./audience.ts";
import type { EphemeralEvent } from "./delivery.ts";
import { encodeOutgoing } from "./outgoing.ts";

/** How an event leaves: logged, so that it has an offset, or not. */
export type Leave<T> = (event: EphemeralEvent) => T;

type Target = {
  readonly namespace: string;
  /** Id of the socket that does not get it. */
  readonly sender: string | null;
  readonly audience: Audience | null;
};

const EVERYBODY: Audience = { to: [], except: [] };

/** To all in the default namespace. */
export const TO_ALL: Target = { namespace: "/", sender: null, audience: null };

/** Immutable: each call returns a new one. */
export class Sending<T> {
  readonly #target: Target;
  readonly #leave: Leave<T>;

  constructor(target: Target, leave: Leave<T>) {
    this.#target = target;
    this.#leave = leave;
  }

  to(room: Rooms): this {
    const { to, except } = this.#audience;
    return this.#narrow({ audience: audienceOf([...to, ...listOf(room)], except) });
  }

  in(room: Rooms): this {
    return this.to(room);
  }

  except(room: Rooms): this {
    const { to, except } = this.#audience;
    return this.#narrow({ audience: audienceOf(to, [...except, ...listOf(room)]) });
  }

  of(namespace: string): this {
    return this.#narrow({ namespace });
  }

  emit(name: string, ...args: unknown[]): T {
    return this.#leave({ ...this.#target, ...encodeOutgoing(name, args) });
  }

  protected get target(): Target {
    return this.#target;
  }

  /** The same kind of thing, to another target. */
  protected again(target: Target): Sending<T> {
    return new Sending(target, this.#leave);
  }

  get #audience(): Audience {
    return this.#target.audience ?? EVERYBODY;
  }

  #narrow(change: Partial<Target>): this {
    return this.again({ ...this.#target, ...change }) as this;
  }
}

/** Logged, unless its `ephemeral` is asked for. */
export class LoggedSending<T> extends Sending<T> {
  readonly #log: Leave<T>;
  readonly #send: Leave<void>;

  constructor(target: Target, log: Leave<T>, send: Leave<void>) {
    super(target, log);
    this.#log = log;
    this.#send = send;
  }

  get ephemeral(): Sending<void> {
    return new Sending(this.target, this.#send);
  }

  protected override again(target: Target): LoggedSending<T> {
    return new LoggedSending(target, this.#log, this.#send);
  }
}
