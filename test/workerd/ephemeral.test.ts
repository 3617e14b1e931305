import { describe, expect, it } from "vitest";
import { Client } from "./support/client.ts";
import { history, newRoom, post } from "./support/rooms.ts";

describe("an ephemeral event", () => {
  it("EMIT-7 SUB-8 of a client is sent, acked, and not logged", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    const writer = await Client.joined(room);
    expect(await writer.emit("typing", true)).toEqual({ offset: null, ephemeral: true });
    const { offset } = await reader.event();
    expect(offset).toMatch(/-0$/);
    expect((await history(room)).events).toEqual([]);
  });

  it("EMIT-7 HTTP-1 of a backend is answered 200, sent, and not logged", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    const response = await post(room, { event: "blink", data: 1, ephemeral: true });
    expect([response.status, await response.json()]).toEqual([
      200,
      { offset: null, ephemeral: true },
    ]);
    expect(await reader.event()).toMatchObject({ name: "blink", args: [1] });
    expect((await history(room)).events).toEqual([]);
  });
});
