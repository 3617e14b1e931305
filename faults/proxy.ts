// A TCP proxy on loopback that does to connections what networks do.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../test/support/random.ts";

/** What can happen to a connection that is there. */
export const BREAKS = [
  /** Both sides get a reset. */
  "reset",
  /** The next frame to the client is cut in its middle. */
  "mid-frame",
  /** The client is gone, and the relay is not told for seconds. */
  "half-open",
  /** Nothing gets through any more, in either direction, and after seconds it breaks. */
  "black hole",
  /** What the relay answers next is lost, and the connection with it. */
  "lost answer",
  /** The client goes; what it sent last arrives when it has long come back. */
  "late frames",
] as const;

export type Break = (typeof BREAKS)[number];

/** Milliseconds. */
const TIMES = { latency: 40, hang: 3_000, hold: 100, late: 800 };

export type ProxyOptions = {
  /** Bytes per second towards clients; unlimited if it is not given. */
  readonly rate?: number;
};

export class FaultyProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  readonly #random: Random;
  readonly #links = new Set<Link>();
  readonly #options: ProxyOptions;
  /** While true, connections get latency and slices, and upgrades are cut. */
  faulty = true;

  private constructor(server: Server, target: URL, random: Random, options: ProxyOptions) {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    this.url = `http://127.0.0.1:${address.port}`;
    this.#server = server;
    this.#random = random;
    this.#options = options;
    server.on("connection", (client) => this.#open(client, target));
  }

  static async start(target: string, random: Random, options: ProxyOptions = {}) {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FaultyProxy(server, new URL(target), random, options);
  }

  /** @returns false if there is no connection to break */
  break(how: Break): boolean {
    const links = [...this.#links].filter(({ whole }) => whole);
    if (links.length === 0) return false;
    void links[this.#random.below(links.length)]?.break(how, this.#random);
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const link of this.#links) link.end("close");
    await closed;
  }

  #open(client: Socket, target: URL): void {
    const server = connect({ host: target.hostname, port: Number(target.port) });
    const chance = (one: number) => this.faulty && this.#random.below(one) === 0;
    const link = new Link(client, server, {
      latency: chance(4) ? this.#random.below(TIMES.latency) : 0,
      slice: chance(8) ? 1 + this.#random.below(7) : 0,
      rate: this.faulty ? this.#options.rate : undefined,
      // How many pieces of an upgrade pass before it is cut.
      upgradeSteps: chance(3) ? this.#random.below(6) : Number.POSITIVE_INFINITY,
    });
    this.#links.add(link);
    client.on("close", () => this.#links.delete(link));
  }
}

type Weather = {
  readonly latency: number;
  readonly slice: number;
  readonly rate: number | undefined;
  readonly upgradeSteps: number;
};

/** One connection, from a client to the relay. */
class Link {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #weather: Weather;
  /** Each direction hands on in order, one piece after the other. */
  readonly #queues = { up: Promise.resolve(), down: Promise.resolve() };
  #how: Break | undefined;
  /** Pieces of an upgrade that have passed; undefined while it is none. */
  #steps: number | undefined;
  /** There once a frame is being cut: nothing comes behind it. */
  #cut: Promise<void> | undefined;
  /** What is to arrive late. */
  readonly #held: Buffer[] = [];

  constructor(client: Socket, server: Socket, weather: Weather) {
    this.#client = client;
    this.#server = server;
    this.#weather = weather;
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        if (this.#how === undefined) this.end("close");
      });
    }
    client.on("data", (data) => this.#take("up", data));
    server.on("data", (data) => this.#take("down", data));
  }

  /** Is nothing wrong with it? */
  get whole(): boolean {
    return this.#how === undefined && !this.#client.destroyed && !this.#server.connecting;
  }

  end(how: "close" | "reset"): void {
    for (const socket of [this.#client, this.#server]) {
      if (how === "reset") socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  async break(how: Break, random: Random): Promise<void> {
    this.#how = how;
    if (how === "reset") this.end("reset");
    if (how === "half-open") {
      this.#client.destroy();
      await sleep(random.below(TIMES.hang));
      this.#server.destroy();
    }
    if (how === "black hole") {
      await sleep(random.below(TIMES.hang));
      this.end("reset");
    }
    if (how === "late frames") {
      await sleep(random.below(TIMES.hold));
      this.#client.destroy();
      await sleep(random.below(TIMES.late));
      await this.#queues.up;
      this.#server.write(Buffer.concat(this.#held));
      await sleep(TIMES.hold);
      this.#server.destroy();
    }
    // The others wait for what comes next.
    if (how === "mid-frame" || how === "lost answer") {
      await sleep(TIMES.hang);
      this.end("reset");
    }
  }

  #take(direction: "up" | "down", data: Buffer): void {
    if (this.#how === "black hole" || this.#how === "half-open") return;
    if (this.#how === "late frames") {
      if (direction === "up") this.#held.push(data);
      return;
    }
    if (direction === "down" && this.#how === "lost answer") {
      this.end("reset");
      return;
    }
    if (direction === "down" && this.#how === "mid-frame") {
      // Behind what is still on its way: no network changes the order of bytes.
      this.#cut ??= this.#queues.down.then(() => {
        this.#client.write(data.subarray(0, data.length / 2), () => this.end("reset"));
      });
      return;
    }
    if (this.#isUpgradeCut(direction, data)) {
      this.end("reset");
      return;
    }
    this.#queues[direction] = this.#queues[direction].then(() => this.#pass(direction, data));
  }

  #isUpgradeCut(direction: "up" | "down", data: Buffer): boolean {
    if (this.#steps === undefined && direction === "up") {
      const head = data.toString("latin1");
      if (/^upgrade: websocket/im.test(head) && /[?&]sid=/.test(head)) this.#steps = 0;
    }
    return this.#steps !== undefined && this.#steps++ === this.#weather.upgradeSteps;
  }

  async #pass(direction: "up" | "down", data: Buffer): Promise<void> {
    const { latency, slice, rate } = this.#weather;
    const [from, to] =
      direction === "up" ? [this.#client, this.#server] : [this.#server, this.#client];
    if (latency > 0) await sleep(latency);
    if (rate !== undefined && direction === "down") {
      from.pause();
      await sleep((data.length / rate) * 1_000);
      from.resume();
    }
    // A long one in slices would take too long to be of use.
    const size = slice > 0 && data.length < 2_000 ? slice : data.length;
    for (let at = 0; at < data.length; at += size) {
      if (to.destroyed) return;
      to.write(data.subarray(at, at + size));
      if (size < data.length) await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
