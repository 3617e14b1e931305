// The oracle of every bad input on a running relay (LIFE-3): a healthy client beside it notices
// nothing. Inside the runtime it is test/workerd/support/healthy.ts.
import { expect } from "vitest";

/** Whoever waits longer than this has found a bug. */
const PATIENCE = 5_000;

/** A client on a WebSocket that only listens, and answers pings. */
export class Bystander {
  readonly seqs: number[] = [];
  joined = false;
  closed = false;
  readonly #socket: WebSocket;
  #wake = () => {};

  constructor(url: string, room: string) {
    const path = `/rooms/${room}/socket.io/?EIO=4&transport=websocket`;
    this.#socket = new WebSocket(url.replace("http", "ws") + path);
    this.#socket.onopen = () => this.#socket.send("40");
    this.#socket.onclose = () => {
      this.closed = true;
      this.#wake();
    };
    this.#socket.onmessage = ({ data }) => {
      if (data === "2") this.#socket.send("3");
      if (String(data).startsWith("40{")) this.joined = true;
      const seq = /^4(?:2|5\d+-)\[.*-(\d+)"\]$/s.exec(String(data))?.[1];
      if (seq !== undefined) this.seqs.push(Number(seq));
      this.#wake();
    };
  }

  async until(holds: () => boolean, what: string): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = setTimeout(() => reject(new Error(`waited for ${what}`)), PATIENCE);
    try {
      while (!holds() && !this.closed) {
        const news = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        await Promise.race([news, promise]);
      }
    } finally {
      clearTimeout(late);
    }
  }

  leave(): void {
    this.#socket.close();
  }
}

/** Publishes one event over HTTP; gives its seq. */
export async function publish(url: string, room: string, event: string): Promise<number> {
  const response = await fetch(`${url}/rooms/${room}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ event }),
  });
  const { offset } = (await response.json()) as { offset: string };
  return Number(offset.split("-")[1]);
}

/**
 * Runs `bad` beside a healthy client of the same room, which has to go on receiving in order, over
 * the same connection: were the room's object reset, it would be closed.
 */
export async function besideBystander<T>(
  url: string,
  room: string,
  bad: () => Promise<T>,
): Promise<T> {
  const healthy = new Bystander(url, room);
  await healthy.until(() => healthy.joined, "the healthy client to join");
  const first = await publish(url, room, "before");
  const result = await bad();
  const last = await publish(url, room, "after");
  await healthy.until(() => healthy.seqs.at(-1) === last, "the last event");
  expect(healthy.seqs).toEqual(Array.from({ length: last - first + 1 }, (_, i) => first + i));
  expect(healthy.closed).toBe(false);
  healthy.leave();
  return result;
}
