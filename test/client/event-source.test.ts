// The log as an EventSource sees it, through connections that are cut.
import { createHash } from "node:crypto";
import { EventSource } from "eventsource";
import { describe, expect, it } from "vitest";
import { localRelay } from "../support/local-relay.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

const KEY = "admin.s3cret";
const hash = createHash("sha256").update(KEY).digest("hex");
const API_KEYS = JSON.stringify([{ id: "admin", hash, scope: ["admin"] }]);

const COUNT = 40;

/** What an EventSource was told, of each kind. */
class Follower implements Disposable {
  readonly seen: unknown[] = [];
  readonly ids: string[] = [];
  readonly notices: [string, unknown][] = [];
  opened = 0;
  readonly #source: EventSource;

  constructor(url: string) {
    this.#source = new EventSource(url);
    this.#source.onopen = () => {
      this.opened++;
    };
    this.#source.onmessage = ({ data, lastEventId }) => {
      const { args, offset } = JSON.parse(data);
      expect(offset).toBe(lastEventId);
      this.seen.push(args[0]);
      this.ids.push(lastEventId);
    };
    for (const name of ["roomlog:gap", "roomlog:live"]) {
      this.#source.addEventListener(name, ({ data }) => {
        this.notices.push([name, JSON.parse(data)]);
      });
    }
  }

  [Symbol.dispose](): void {
    this.#source.close();
  }
}

describe("an EventSource", () => {
  const relay = localRelay({ bindings: { API_KEYS } });

  async function publish(room: string, n: number): Promise<string> {
    const response = await fetch(`${relay.url}/rooms/${room}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "n", args: [n] }),
    });
    expect(response.status).toBe(201);
    return ((await response.json()) as { offset: string }).offset;
  }

  const becomes = (what: () => unknown, value: unknown) =>
    expect.poll(what, { timeout: 15_000, interval: 20 }).toEqual(value);

  it.each(["reset", "close"] as const)(
    "HTTP-10 that is cut off (%s) comes back and misses nothing, and gets nothing twice",
    async (how) => {
      const room = `source-${how}`;
      await using proxy = await TcpProxy.start(relay.url);
      using follower = new Follower(`${proxy.url}/rooms/${room}/events`);
      // Cut before its first event: its place was told all the same.
      await becomes(() => follower.notices.length, 1);
      proxy.cut(how);
      for (let n = 1; n <= COUNT; n++) {
        await publish(room, n);
        if (n === COUNT / 2) {
          await becomes(() => follower.seen.length > 0, true);
          proxy.cut(how);
        }
      }
      const all = Array.from({ length: COUNT }, (_, i) => i + 1);
      await becomes(() => follower.seen, all);
      expect(follower.opened).toBe(3);
      expect(follower.notices.map(([name]) => name)).not.toContain("roomlog:gap");
      expect(new Set(follower.ids).size).toBe(COUNT);
    },
  );

  it("HTTP-14 HTTP-10 hears that the log was wiped, while it is away too", async () => {
    const room = "source-wiped";
    await using proxy = await TcpProxy.start(relay.url);
    using follower = new Follower(`${proxy.url}/rooms/${room}/events?after=0`);
    const requested = await publish(room, 1);
    await becomes(() => follower.seen, [1]);
    proxy.cut("reset");
    const response = await fetch(`${relay.url}/rooms/${room}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${KEY}` },
    });
    const { head } = (await response.json()) as { head: string };
    await becomes(() => follower.notices.find(([name]) => name === "roomlog:gap")?.[1], {
      requested,
      first: null,
      head,
      reason: "epoch",
    });
    await publish(room, 2);
    await becomes(() => follower.seen, [1, 2]);
  });
});
