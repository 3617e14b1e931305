/** Clients of the room under test: they answer pings, and keep what a stock client keeps. */
import type { Entry } from "../../faults/history.ts";
import { PING, PONG } from "../../src/protocol/engine.ts";
import { Transcript } from "../support/transcript.ts";
import { type Driver, type Link, textOf } from "./driver.ts";

/** An entry of the history, before it has its time. */
export type Untimed = Entry extends infer E ? (E extends Entry ? Omit<E, "at"> : never) : never;

/** What both kinds share: a connection, and what came over it. */
abstract class Peer {
  readonly name: string;
  protected link: Link | undefined;
  protected transcript = new Transcript();
  pid: string | undefined;

  constructor(name: string) {
    this.name = name;
  }

  get connected(): boolean {
    return this.link !== undefined && !this.link.closed;
  }

  protected async arrive(driver: Driver, kind: Link["kind"], auth: object): Promise<void> {
    this.drop();
    this.transcript = new Transcript();
    this.link = await driver.open(kind);
    this.link.send(`40${JSON.stringify(auth)}`);
    this.link.fetch();
  }

  /** Has what is new taken down, and answers pings. */
  observe(record: (entry: Untimed) => void): void {
    for (const packet of this.link?.take() ?? []) {
      if (packet === PING) this.link?.send(PONG);
      const { connected } = this.transcript;
      this.transcript.add(packet);
      if (connected !== this.transcript.connected) this.welcomed(record);
      this.took(record);
    }
    if (this.link?.closed) this.drop();
  }

  fetch(): void {
    this.link?.fetch();
  }

  upgrade(): void {
    this.link?.upgrade();
  }

  /** Says goodbye, and goes. */
  leave(): void {
    this.link?.send("41", "1");
    this.drop();
  }

  drop(): void {
    if (this.link?.closed === false) this.link.drop();
    this.link = undefined;
    this.lost();
  }

  /** CONNECT was answered. */
  protected welcomed(_record: (entry: Untimed) => void): void {
    this.pid = this.transcript.connected?.pid;
  }

  /** A packet was taken. */
  protected abstract took(record: (entry: Untimed) => void): void;
  protected lost(): void {}
}

/** With what a reader comes. */
export const PLACES = ["nothing", "own", "own pid", "old", "future", "foreign", "garbage"] as const;
export type Place = (typeof PLACES)[number];

/** Why a place can't be served, where that is certain. */
const CERTAIN: { readonly [place in Place]?: string } = {
  future: "future",
  foreign: "epoch",
  garbage: "malformed",
};

export class Reader extends Peer {
  #connection = 0;
  /** The last offset that any event carried. */
  #offset: string | undefined;
  #asked: string | null = null;
  #place: Place = "nothing";
  #joined = false;

  get offset(): string | undefined {
    return this.#offset;
  }

  async connect(driver: Driver, kind: Link["kind"], place: Place, back: number): Promise<void> {
    const head = await driver.head();
    const [epoch = "", seq = "0"] = head.split("-");
    this.#place = place;
    this.#joined = false;
    const asked = {
      nothing: undefined,
      own: this.#offset ?? "0",
      "own pid": this.pid === undefined ? "0" : this.#offset,
      old: `${epoch}-${Math.max(0, Number(seq) - back)}`,
      future: `${epoch}-${Number(seq) + 1_000 + back}`,
      foreign: `0ther-${seq}`,
      garbage: "no offset",
    }[place];
    const pid = place === "own pid" ? this.pid : undefined;
    this.#asked = asked ?? pid?.split(".")[1] ?? null;
    await this.arrive(driver, kind, { offset: asked, pid });
  }

  protected override welcomed(record: (entry: Untimed) => void): void {
    super.welcomed(record);
    this.#connection++;
    this.#joined = true;
    // Whoever comes with nothing starts where its pid says.
    const asked = this.#asked ?? this.pid?.split(".")[1] ?? null;
    this.#offset = asked === "no offset" ? undefined : (asked ?? undefined);
    record({ type: "joined", ...this.#here, asked, recovered: false });
  }

  get #here() {
    return { reader: this.name, connection: this.#connection };
  }

  protected override took(record: (entry: Untimed) => void): void {
    for (const { name, args, offset } of this.transcript.events.splice(0)) {
      if (!this.#joined) throw new Error(`${name} came before CONNECT was answered`);
      this.#offset = offset;
      const [argument] = args;
      const value = String(argument);
      if (name === "value") record({ type: "delivered", ...this.#here, value, offset });
      else if (name === "whisper") record({ type: "overheard", ...this.#here, value, offset });
      else if (name === "roomlog:live") {
        record({ type: "live", ...this.#here, offset: (argument as { offset: string }).offset });
      } else if (name === "roomlog:gap") {
        const gap = argument as { first: string | null; head: string; reason: string };
        const due = CERTAIN[this.#place];
        if (due !== undefined && gap.reason !== due && gap.reason !== "trimmed") {
          throw new Error(`came with ${this.#place}, and was told ${gap.reason}`);
        }
        record({ type: "gap", ...this.#here, ...gap });
      }
    }
  }
}

/** What an ack says. */
type Ack = {
  readonly offset?: string;
  readonly duplicate?: boolean;
  readonly error?: { readonly code: string };
};

export class Writer extends Peer {
  readonly #clientId: string | undefined;
  #nextAck = 0;
  /** By ack id: what was emitted, on this connection. */
  readonly #waiting = new Map<number, { value: string; key: string | null }>();
  /** By key, what was emitted first, and whether that was acknowledged. */
  readonly keyed = new Map<string, { value: string; acked: boolean }>();

  /** @param clientId its identity; without it, that is its pid's */
  constructor(name: string, clientId?: string) {
    super(name);
    this.#clientId = clientId;
  }

  async connect(driver: Driver, kind: Link["kind"]): Promise<void> {
    const { pid } = this;
    await this.arrive(driver, kind, { clientId: this.#clientId, pid, rewind: 0 });
  }

  get joined(): boolean {
    return this.connected && this.transcript.connected !== undefined;
  }

  emit(value: string, key: string | null): void {
    const id = this.#nextAck++;
    this.#waiting.set(id, { value, key });
    const event = ["value", value, textOf(value)];
    const args = key === null ? event : [...event, { idempotencyKey: key }];
    this.link?.send(`42${id}${JSON.stringify(args)}`);
  }

  protected override lost(): void {
    this.#waiting.clear();
  }

  protected override took(record: (entry: Untimed) => void): void {
    this.transcript.events.length = 0;
    for (const [id, { value, key }] of this.#waiting) {
      const [ack, again] = this.transcript.acksOf(id) as Ack[];
      if (ack === undefined) continue;
      if (again !== undefined) throw new Error(`${value} was acknowledged twice`);
      this.#waiting.delete(id);
      const { offset, duplicate = false, error } = ack;
      if (error !== undefined) record({ type: "refused", value, code: error.code });
      if (offset === undefined) continue;
      record({ type: "acked", value, offset, duplicate });
      const known = this.keyed.get(key ?? "");
      if (known?.value === value) known.acked = true;
    }
  }
}
