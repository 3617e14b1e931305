/** LIFE-2 ROOM-3: a room with code may be evicted between any two steps, and nothing is lost. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { Client, readEvent } from "../support/client.ts";
import { crash } from "../support/evict.ts";
import { history, newRoom, stubOf } from "../support/rooms.ts";
import { runStory, STORY } from "./story.ts";

describe("ROOM-3 a story of a room with code", () => {
  it("goes well without an eviction", async () => {
    await runStory(() => false);
  });

  it.each(STORY.map(({ name }, k) => [k, name] as const))(
    "evicted after step %d, %s",
    async (k) => {
      await runStory((step) => step === k);
    },
  );

  it("evicted after each step", async () => {
    await runStory(() => true);
  });
});

describe("ROOM-4 a job that was due soon", () => {
  it("is done when the room wakes for something else, not only by its alarm", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    await client.event();
    expect(await client.emit("later", "soon", 500)).toBe("scheduled");
    await crash(room);
    // Waking it is enough: the alarm is only a backup for what is due within seconds.
    const again = await Client.joined(room);
    const rang = await again.frames.until((frame) => frame.includes('"rang"'), "the bell");
    expect(readEvent(rang.at(-1) ?? "").args).toEqual(["soon"]);
  });
});

describe("LIFE-2 a crash", () => {
  it("ROOM-3 takes sockets, and what is stored of them counts as left once another comes", async () => {
    const room = newRoom();
    const lost = await Client.joined(room, { name: "ann" });
    await lost.event();
    await crash(room);
    await lost.ended();
    await (await Client.joined(room, { name: "bob" })).event();
    const rows = await runInDurableObject(stubOf(room), (_, { storage }) =>
      storage.sql
        .exec<{ data: string; left: number | null }>("SELECT data, left FROM roomlog_sockets")
        .toArray(),
    );
    const left = (name: string) => rows.find(({ data }) => data.includes(name))?.left;
    expect([left("ann"), left("bob")]).toEqual([expect.any(Number), null]);
  });

  it("leaves the code's tables and the log as one: both or neither of each event", async () => {
    for (const acked of [0, 1, 7]) {
      const room = newRoom();
      const client = await Client.joined(room);
      await client.event();
      const notes = Array.from({ length: 20 }, (_, i) => `n${i}`);
      client.send(
        ...notes.map(
          (n, i) => `42${i}["${i % 3 === 2 ? "slow" : "note"}","${n}",{"idempotencyKey":"${n}"}]`,
        ),
      );
      for (let i = 0; i < acked; i++) await client.frame();
      await crash(room);
      await client.ended();
      const stored = await runInDurableObject(stubOf(room), (_, { storage }) =>
        storage.sql.exec<{ text: string }>("SELECT text FROM notes ORDER BY id").toArray(),
      );
      const { events } = await history(room, "?limit=100");
      const logged = events.filter(({ event }) => event === "note" || event === "slow");
      expect(stored.map(({ text }) => text)).toEqual(logged.map(({ args }) => args[0]));
      expect(logged.length).toBeGreaterThanOrEqual(acked);
    }
  });

  it("ROOM-2 a handler that throws writes nothing, whatever came before and after it in the turn", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    await client.event();
    client.send('420["note","a"]', '421["half","b"]', '422["note","c"]', '423["note","a"]');
    await client.frames.until((frame) => frame.startsWith("423") || frame.startsWith("433"));
    expect(await client.emit("count")).toBe(2);
    const { events } = await history(room);
    expect(events.map(({ args }) => args[0])).toEqual(["a", "c"]);
  });
});
