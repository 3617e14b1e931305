/** What stands in the Worker's log of clients that are refused and of handlers that fail. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client } from "../support/client.ts";
import { ask, newRoom } from "../support/rooms.ts";

const SECRET = "s3cret-that-nobody-may-read";

let lines: string[];

beforeEach(() => {
  lines = [];
  for (const method of ["error", "warn", "log"] as const) {
    vi.spyOn(console, method).mockImplementation((text) => void lines.push(String(text)));
  }
});
afterEach(() => vi.restoreAllMocks());

describe("a line of the log", () => {
  it("LIFE-4 of a refused token names the code and the room, and no secret", async () => {
    const room = newRoom();
    const client = await Client.open(room);
    client.send(`40{"token":"all.${SECRET}","clientId":"${SECRET}","offset":"${SECRET}"}`);
    const answer = await client.frame();
    expect(answer).toContain("invalid_token");
    await ask(`/rooms/${room}`, { headers: { authorization: `Bearer all.${SECRET}` } });
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: "warn", event: "refused", room, code: "invalid_token", count: 1 },
    ]);
    expect(lines.join() + answer).not.toContain(SECRET);
  });

  it("LIFE-4 of a failing handler has its place, and nothing of the event; the client gets neither", async () => {
    const room = newRoom();
    const client = await Client.joined(room, { name: SECRET });
    await client.frame();
    const ack = await client.emit("half", SECRET);
    expect(ack).toEqual({ error: { code: "internal", message: expect.stringMatching(/./) } });
    const [refused, failed] = lines.map((line) => JSON.parse(line));
    expect(refused).toEqual({ level: "warn", event: "refused", room, code: "internal", count: 1 });
    expect(failed).toEqual({
      level: "error",
      event: "handler_failed",
      room,
      error: "Error",
      at: expect.stringContaining("onEvent"),
    });
    expect(lines.join()).not.toContain(SECRET);
    for (const frame of client.frames.seen) expect(frame).not.toContain("room.ts");
  });
});
