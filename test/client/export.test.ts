// A log taken out and put in again, as a backend does it with fetch.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { localRelay } from "../support/local-relay.ts";

const KEY = "admin.s3cret";
const hash = createHash("sha256").update(KEY).digest("hex");
const API_KEYS = JSON.stringify([{ id: "admin", hash, scope: ["admin"] }]);
const LINES = "application/x-ndjson";
const authorization = `Bearer ${KEY}`;

describe("an export", () => {
  const relay = localRelay({ bindings: { API_KEYS } });

  const eventsOf = (room: string) => `${relay.url}/rooms/${room}/events`;

  /** Logs `count` events, each of about so many characters. */
  async function fill(room: string, count: number, size: number): Promise<void> {
    const pad = "x".repeat(size);
    for (let n = 0; n < count; n++) {
      const response = await fetch(eventsOf(room), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ event: "n", args: [n, pad] }),
      });
      expect(response.status).toBe(201);
    }
  }

  it("HTTP-11 HTTP-12 goes straight into another room, and a broken import is sent again", async () => {
    await fill("source", 30, 100_000);
    const lines = await (await fetch(eventsOf("source"), { headers: { accept: LINES } })).text();
    const send = (body: string | ReadableStream, signal?: AbortSignal) => {
      const headers = { "content-type": LINES };
      const init = { method: "POST", headers, body, signal: signal ?? null, duplex: "half" };
      return fetch(eventsOf("target"), init);
    };
    // It breaks in the midst of a line, when some batches are in.
    const aborted = new AbortController();
    const bytes = new TextEncoder().encode(lines);
    const half = new ReadableStream({
      start: (controller) => controller.enqueue(bytes.subarray(0, bytes.length / 2)),
    });
    const broken = send(half, aborted.signal);
    const logged = async () => {
      const response = await fetch(`${relay.url}/rooms/target`);
      return ((await response.json()) as { count: number }).count;
    };
    await expect.poll(logged, { timeout: 10_000 }).toBeGreaterThan(0);
    aborted.abort();
    await expect(broken).rejects.toThrow();

    const response = await send(lines);
    const { imported, duplicates } = (await response.json()) as Record<string, number>;
    expect([response.status, (imported ?? 0) + (duplicates ?? 0)]).toEqual([200, 30]);
    expect(duplicates).toBeGreaterThan(0);
    const copy = await (await fetch(eventsOf("target"), { headers: { accept: LINES } })).text();
    const args = (text: string) =>
      text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line).args);
    expect(args(copy)).toEqual(args(lines));
  });

  it("HTTP-11 of a log that is wiped meanwhile breaks: its reader must not take it for whole", async () => {
    // More than the connection itself holds.
    await fill("wiped", 20, 900_000);
    const response = await fetch(eventsOf("wiped"), { headers: { accept: LINES } });
    const wiped = await fetch(`${relay.url}/rooms/wiped`, {
      method: "DELETE",
      headers: { authorization },
    });
    expect([response.status, wiped.status]).toEqual([200, 200]);
    await expect(response.text()).rejects.toThrow("terminated");
  });
});
