/** A reader that stops reading in the middle of its replay, in the real runtime. */
import { describe, expect, it } from "vitest";
import { Client, readEvent } from "./support/client.ts";
import { evict } from "./support/evict.ts";
import { newRoom, post, publish, seqOf } from "./support/rooms.ts";

const EVENTS = 3_000;

/** A window is full after so many pings. */
const WINDOW = 4;

async function fill(room: string): Promise<void> {
  const text = "x".repeat(1_000);
  for (let first = 1; first <= EVENTS; first += 1_000) {
    const numbers = Array.from({ length: 1_000 }, (_, i) => first + i);
    const events = numbers.map((n) => ({ event: "old", args: [n, text] }));
    expect((await post(room, { events })).status).toBe(201);
  }
}

describe("a reader that stops reading", () => {
  it.each([["stays"], ["is evicted"]])(
    "SUB-15 SUB-4 gets a part of its replay, and the rest once, when its room %s",
    async (what) => {
      const room = newRoom();
      await fill(room);
      const reader = await Client.joined(room, { offset: "0" });
      const seqs: number[] = [];
      let pings = 0;
      const take = (frames: readonly string[]) => {
        for (const frame of frames) {
          if (frame === "2") pings++;
          else if (frame.startsWith('42["old"')) seqs.push(seqOf(readEvent(frame).offset));
        }
      };
      while (pings < WINDOW) take(await reader.frames.until((frame) => frame === "2", "a ping"));
      take(await reader.settled());
      expect(seqs.length).toBeGreaterThan(900);
      expect(seqs.length).toBeLessThan(2_000);
      if (what === "is evicted") await evict(room);
      await publish(room, "live");
      for (; pings > 0; pings--) reader.send("3");
      take(await reader.replayed());
      expect(seqs).toEqual(Array.from({ length: EVENTS }, (_, i) => i + 1));
      // Pongs are the runtime's again once nothing is owed.
      await reader.settled();
      reader.send("3");
      expect(await reader.settled()).toEqual(["6"]);
    },
  );
});
