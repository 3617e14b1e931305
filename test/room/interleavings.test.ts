/**
 * Clients that come, go, write, poll, upgrade and resume at random, with the room's turns run by
 * hand. One law: whoever reads from the beginning ends with the log, each event once, in order,
 * but for its own; and every ack is true.
 */
import { describe, expect, it } from "vitest";
import { type Random, seeded } from "../support/random.ts";
import { PollingClient, WireClient } from "../support/room-client.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

/** Seeds that failed once go here, with what they found. */
const SEEDS = Array.from({ length: 40 }, (_, i) => i + 1);
const STEPS = 120;

/** One user: connections come and go, what was seen and said stays. */
class User {
  readonly #harness: Harness;
  readonly #clientId: string;
  readonly #writesLarge: boolean;
  readonly seen: string[] = [];
  /** By key: what was emitted, and the acks it got. */
  readonly said = new Map<string, unknown[]>();
  #client: WireClient | PollingClient | undefined;
  #probe: WireClient | undefined;
  #held: Promise<unknown> | undefined;
  #pid: string | undefined;
  #offset: string | undefined;
  #pending: { key: string; ack: number }[] = [];
  id: string | undefined;

  constructor(harness: Harness, name: string, writesLarge: boolean) {
    this.#harness = harness;
    this.#clientId = `${name}-0123456789abcdef`;
    this.#writesLarge = writesLarge;
  }

  async step(random: Random): Promise<void> {
    if (this.#client === undefined) return this.#arrive(random);
    switch (random.below(8)) {
      case 0:
        return random.below(3) === 0 ? this.#leave() : undefined;
      case 1:
      case 2:
        return this.#write(random);
      case 3:
        return this.#retry(random);
      case 4:
      case 5:
        return this.#fetch();
      default:
        return this.#upgrade();
    }
  }

  async #arrive(random: Random): Promise<void> {
    const h = this.#harness;
    const auth = { clientId: this.#clientId, pid: this.#pid, offset: this.#offset ?? "0" };
    this.#client = random.below(2) === 0 ? h.websocket() : await h.polling();
    this.#client.connect(auth);
  }

  #leave(): void {
    this.#take();
    const client = this.#client;
    if (client instanceof WireClient) client.drop();
    this.#probe?.drop();
    // A poller just stays away; its session is closed when it comes back.
    this.#client = undefined;
    this.#probe = undefined;
    this.#held = undefined;
    this.#pending = [];
  }

  #write(random: Random): void {
    const key = `k${this.said.size}`;
    this.said.set(key, []);
    this.#emit(key);
    if (random.below(2) === 0) this.#emit(key);
  }

  #retry(random: Random): void {
    const [first, ...others] = this.said.keys();
    if (first !== undefined) this.#emit(random.pick([first, ...others]));
  }

  #emit(key: string): void {
    const client = this.#client;
    // A client that waits for its CONNECT, or is on its way to another transport, keeps its emits.
    if (client === undefined || client.id === "" || this.#probe !== undefined) return;
    const text = this.#writesLarge ? "x".repeat(20_000) : "";
    const ack = client.emit("say", this.#clientId, key, text, { idempotencyKey: key });
    this.#pending.push({ key, ack });
  }

  async #fetch(): Promise<void> {
    const client = this.#client;
    if (!(client instanceof PollingClient) || this.#held !== undefined) return;
    this.#held = client.poll().then(() => {
      this.#held = undefined;
    });
    // Microtasks only: no hash gets ready meanwhile, so a seed always does the same.
    for (let i = 0; i < 5; i++) await undefined;
  }

  async #upgrade(): Promise<void> {
    const client = this.#client;
    if (!(client instanceof PollingClient) || client.id === "") return;
    if (this.#probe === undefined) {
      this.#probe = this.#harness.probe(client.sid);
      this.#probe.send("2probe");
    } else {
      this.#probe.send("5");
      for (let i = 0; i < 5; i++) await undefined;
      this.#take();
      this.#probe.transcript.connected = client.transcript.connected;
      this.#client = this.#probe;
      this.#probe = undefined;
    }
  }

  /** Takes note of what the connection has brought so far. */
  #take(): void {
    const client = this.#client;
    if (client === undefined) return;
    const { transcript } = client;
    this.#pid = transcript.connected?.pid ?? this.#pid;
    this.id = transcript.connected?.sid ?? this.id;
    for (const { name, offset } of transcript.events.splice(0)) {
      this.#offset = offset;
      if (name === "roomlog:gap") throw new Error("a gap where nothing is trimmed");
      if (name === "say") this.seen.push(offset);
    }
    for (const { key, ack } of this.#pending) this.said.get(key)?.push(...transcript.acksOf(ack));
    for (const { ack } of this.#pending) transcript.acks.delete(ack);
  }

  /** Comes back once more, on a WebSocket, and reads to the end. */
  async finish(): Promise<void> {
    this.#leave();
    await this.#arrive({ below: () => 0, pick: ([first]) => first });
    await this.#harness.settle();
    this.#take();
  }
}

describe.each(LOGS)("any interleaving on %s", (_, makeLog) => {
  it.each(SEEDS)("SUB-4 SUB-9 EMIT-2 everyone ends with the log, seed %i", async (seed) => {
    const random = seeded(seed);
    const h = new Harness({ log: makeLog() });
    h.fill(random.below(2) * 1_100, (n) => `["say","nobody",${n}]`);
    const users = ["ann", "bob", "cid", "dan"].map(
      (name) => new User(h, name, random.below(2) === 0),
    );
    const [ann, ...others] = users;
    if (ann === undefined) throw new Error("nobody is there");
    for (let step = 0; step < STEPS; step++) {
      if (random.below(4) === 0) h.turn();
      if (random.below(6) === 0) await h.settle();
      await random.pick([ann, ...others]).step(random);
    }
    for (const user of users) {
      await h.settle();
      await user.finish();
    }

    const log = h.log.read({ limit: 100_000 });
    expect(log.length).toBe(h.log.head);
    for (const user of users) {
      const others = log.filter(({ sender }) => sender === null || sender !== user.id);
      expect(user.seen).toEqual(others.map(({ seq }) => `${EPOCH}-${seq}`));
    }
    const bySaying = new Map<string, number>();
    for (const { seq, data } of log) {
      const [, who, key] = JSON.parse(data);
      const saying = `${who} ${key}`;
      expect(bySaying.has(saying)).toBe(false);
      bySaying.set(saying, seq);
    }
    for (const [i, user] of users.entries()) {
      const who = `${["ann", "bob", "cid", "dan"][i]}-0123456789abcdef`;
      for (const [key, acks] of user.said) {
        const offset = `${EPOCH}-${bySaying.get(`${who} ${key}`)}`;
        for (const ack of acks) expect(ack).toMatchObject({ offset });
      }
    }
    expect(h.reported).toEqual([]);
  });
});
