// The credentials that one client has handed in, and what they let it do.
import type { LoggedEvent } from "../../src/log/event-log.ts";
import { allows, type Credentials, type Rights } from "./credentials.ts";

/** A text that went out, and when. */
export type Sent = { readonly text: string; readonly at: number };

const CONNECT = /^40(\/[^,?]*)?(?:\?[^,]*)?,?(.*)$/s;
const RENEWAL = /^42(?:\/[^,]*,)?\d*(\[.*)$/s;

export class Handed {
  readonly #credentials: Credentials;
  readonly #room: string;
  /** By namespace: those that were good when they were handed in. */
  readonly #connected: { readonly namespace: string; readonly rights: Rights }[] = [];
  readonly #renewed: Rights[] = [];

  constructor(credentials: Credentials, room: string) {
    this.#credentials = credentials;
    this.#room = room;
  }

  /** Looks for them in what is sent now: packets, as a POST has them. */
  note(text: string): void {
    for (const packet of text.split("\x1e")) {
      const [, namespace = "/", auth] = CONNECT.exec(packet) ?? [];
      if (auth !== undefined) {
        const rights = this.#rightsOf(auth === "" ? {} : parsed(auth));
        if (rights !== undefined) this.#connected.push({ namespace, rights });
      }
      // Most events are something else, and reading them takes time.
      if (!packet.includes("auth")) continue;
      const [name, argument] = parsedList(RENEWAL.exec(packet)?.[1]);
      const renewed = name === "roomlog:auth" ? this.#rightsOf(argument) : undefined;
      if (renewed !== undefined) this.#renewed.push(renewed);
    }
  }

  #rightsOf(auth: unknown): Rights | undefined {
    if (typeof auth !== "object" || auth === null || Array.isArray(auth)) return undefined;
    const token: unknown = Object.hasOwn(auth, "token") ? Reflect.get(auth, "token") : undefined;
    if (token !== undefined && token !== null && typeof token !== "string") return undefined;
    return this.#credentials.rightsOf(token ?? undefined);
  }

  /** What it may be or have been in this namespace. */
  #rightsIn(namespace: string): Rights[] {
    const here = this.#connected.filter((each) => each.namespace === namespace);
    const connected = here.map(({ rights }) => rights);
    // A renewal makes nobody somebody else.
    const isSame = ({ identity }: Rights) =>
      identity !== undefined && connected.some((each) => each.identity === identity);
    return [...connected, ...this.#renewed.filter(isSame)];
  }

  /** How many of its sockets there may be. */
  get sockets(): number {
    return this.#connected.length;
  }

  mayBeIn(namespace: string): boolean {
    return this.#rightsIn(namespace).some(
      (rights) => allows(rights, "read", this.#room) || allows(rights, "write", this.#room),
    );
  }

  mayRead(): boolean {
    return this.#connected.some(({ namespace }) =>
      this.#rightsIn(namespace).some((rights) => allows(rights, "read", this.#room)),
    );
  }

  /** May it have written this event, sent at one of these times? */
  mayWrite({ namespace }: LoggedEvent, times: readonly number[]): boolean {
    return this.#rightsIn(namespace).some(
      (rights) =>
        allows(rights, "write", this.#room) && times.some((time) => time < rights.expiresAt),
    );
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parsedList(text: string | undefined): unknown[] {
  const list = text === undefined ? undefined : parsed(text);
  return Array.isArray(list) ? list : [];
}
