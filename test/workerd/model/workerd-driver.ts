/** A room of the Worker under test, in the real runtime, as the model's commands drive it. */
import type { PublishResult } from "../../../src/room/publish.ts";
import {
  type Batch,
  type Driver,
  type Link,
  type Log,
  readLog,
  requestOf,
} from "../../model/driver.ts";
import { askUpgrade, Client, socketPath } from "../support/client.ts";
import { pass } from "../support/clock.ts";
import { crash, evict, wipe } from "../support/evict.ts";
import { Poller } from "../support/poller.ts";
import { newRoom, stubOf, turnOf } from "../support/rooms.ts";

const READER = { identity: "", scope: ["read"], rooms: ["*"] } as const;

/** A namespace that is not open: the answer proves that all before it was taken, and sent. */
const FENCE = "40/settled,";
const isFenced = (packet: string) => packet.startsWith("44/settled,");

export class WorkerdDriver implements Driver {
  readonly keeps: number;
  readonly #room = newRoom();
  readonly #links = new Set<WorkerdLink>();

  /** @param keeps as the Worker is configured */
  constructor(keeps: number) {
    this.keeps = keeps;
  }

  async open(kind: Link["kind"]): Promise<Link> {
    const link = await WorkerdLink.open(this.#room, kind);
    this.#links.add(link);
    return link;
  }

  async publish(batch: Batch): Promise<PublishResult> {
    try {
      return await stubOf(this.#room).publish(requestOf(batch, "backend"));
    } catch {
      // The object went meanwhile: nobody knows.
      return { kind: "failed" };
    }
  }

  async evict(): Promise<void> {
    // What holds a request is not evicted, it dies.
    if ([...this.#links].some(({ busy }) => busy)) await this.crash();
    else await evict(this.#room);
    for (const link of this.#links) if (link.kind === "polling") link.lose();
  }

  async crash(): Promise<void> {
    await crash(this.#room);
    for (const link of this.#links) link.lose();
  }

  async pass(milliseconds: number): Promise<void> {
    await pass(this.#room, milliseconds);
  }

  async head(): Promise<string> {
    const info = await stubOf(this.#room).info(READER);
    if (info.kind !== "answer") throw new Error("no head");
    return info.value.head;
  }

  async log(): Promise<Log> {
    return await readLog((request) => stubOf(this.#room).history(request));
  }

  async settle(): Promise<void> {
    const fences = () => Promise.all(Array.from(this.#links, (link) => link.fence()));
    await fences();
    await turnOf(this.#room);
    await fences();
    for (const link of this.#links) if (link.closed && !link.busy) this.#links.delete(link);
  }

  /** Nothing of the room is to happen any more: the clock of the tests is the next one's. */
  async end(): Promise<void> {
    for (const link of this.#links) link.lose();
    await this.crash();
    await Promise.all(Array.from(this.#links, (link) => link.quiet()));
    // What was still on its way may have brought the room back.
    await this.crash();
  }

  failDisk(): boolean {
    return false;
  }

  async wipe(): Promise<boolean> {
    await wipe(this.#room);
    for (const link of this.#links) link.lose();
    return true;
  }
}

/** A client over either transport. What is under way when it is lost is nobody's concern. */
class WorkerdLink implements Link {
  readonly #room: string;
  readonly #poller: Poller | undefined;
  #socket: Client | undefined;
  #probe: Client | undefined;
  /** Packets that GETs brought. */
  readonly #fetched: string[] = [];
  #held: Promise<void> | undefined;
  /** One POST after the other. */
  #posts: Promise<void> = Promise.resolve();
  #posting = 0;
  #switching = false;
  #lost = false;
  #read = 0;

  private constructor(room: string, poller: Poller | undefined, socket: Client | undefined) {
    this.#room = room;
    this.#poller = poller;
    this.#socket = socket;
  }

  static async open(room: string, kind: Link["kind"]): Promise<WorkerdLink> {
    if (kind === "polling") return new WorkerdLink(room, await Poller.open(room), undefined);
    return new WorkerdLink(room, undefined, await Client.open(room));
  }

  get kind(): Link["kind"] {
    return this.#socket === undefined ? "polling" : "websocket";
  }

  get closed(): boolean {
    return this.#lost || this.#socket?.isClosed === true;
  }

  /** Is a request under way? */
  get busy(): boolean {
    return this.#held !== undefined || this.#posting > 0;
  }

  send(...packets: string[]): void {
    if (this.closed) return;
    if (this.#socket !== undefined) this.#socket.send(...packets);
    else this.#post(packets);
  }

  #post(packets: readonly string[]): void {
    this.#posting++;
    this.#posts = this.#posts
      .then(() => this.#answered(this.#poller?.post(...packets)))
      .then((answer) => {
        if (answer !== "ok") this.lose();
      })
      .finally(() => this.#posting--);
  }

  /** A request's answer; undefined if it was refused, or nobody was there to answer. */
  async #answered(request: Promise<Response> | undefined): Promise<string | undefined> {
    try {
      const response = await request;
      return response?.status === 200 ? await response.text() : undefined;
    } catch {
      return undefined;
    }
  }

  take(): string[] {
    const packets = this.#fetched.splice(0);
    if (this.#socket !== undefined) {
      packets.push(...this.#socket.frames.seen.slice(this.#read));
      this.#read = this.#socket.frames.seen.length;
    }
    return packets.filter((packet) => !isFenced(packet));
  }

  fetch(): void {
    if (this.kind !== "polling" || this.#held || this.#switching || this.closed) return;
    this.#held = this.#answered(this.#poller?.get()).then((answer) => {
      this.#held = undefined;
      if (answer === undefined) this.lose();
      else this.#fetched.push(...answer.split("\x1e"));
    });
  }

  upgrade(): void {
    if (this.kind !== "polling" || this.#switching || this.closed) return;
    if (this.#probe === undefined) void this.#startProbe();
    else if (this.#probe.frames.seen.includes("3probe")) void this.#switch(this.#probe);
  }

  async #startProbe(): Promise<void> {
    const query = `EIO=4&transport=websocket&sid=${this.#poller?.sid}`;
    const { webSocket } = await askUpgrade(socketPath(this.#room, query));
    if (webSocket === null) return;
    this.#probe = new Client(webSocket);
    if (this.#lost) this.#probe.close();
    else this.#probe.send("2probe");
  }

  /** As clients do: what a held GET brings comes before all that the switch brings. */
  async #switch(probe: Client): Promise<void> {
    this.#switching = true;
    await Promise.all([this.#held, this.#posts]);
    if (this.#lost || probe.isClosed) return;
    this.#read = probe.frames.seen.length;
    this.#socket = probe;
    probe.send("5");
  }

  drop(): void {
    if (this.closed) return;
    if (this.#socket === undefined) this.#post(["1"]);
    this.lose();
  }

  /** What it says or hears from now on is nobody's. */
  lose(): void {
    this.#lost = true;
    for (const socket of [this.#socket, this.#probe])
      if (socket?.isClosed === false) socket.close();
  }

  /** Resolves when no request of it is under way. */
  async quiet(): Promise<void> {
    await Promise.all([this.#held, this.#posts]);
  }

  /** Resolves when all that was sent has been taken, and all that was sent for it has come. */
  async fence(): Promise<void> {
    await this.#posts;
    if (this.closed) return;
    if (this.#socket !== undefined) {
      const { frames, closed } = this.#socket;
      this.#socket.send(FENCE);
      await Promise.race([frames.until(isFenced, "the last answer"), closed]);
      return;
    }
    this.send(FENCE);
    // A GET that a probe lets go brings nothing of it.
    while (!this.closed && !this.#fetched.some(isFenced)) {
      this.fetch();
      await this.#held;
      if (this.#switching) return this.fence();
    }
    this.#fetched.splice(0, this.#fetched.length, ...this.#fetched.filter((p) => !isFenced(p)));
  }
}
