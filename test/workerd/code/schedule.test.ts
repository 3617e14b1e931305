/** ROOM-4: a job has an alarm that brings the room back for it. */
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, it } from "vitest";
import { newRoom, stubOf } from "../support/rooms.ts";
import type { CodeRoom } from "./room.ts";

const YEAR = 365 * 24 * 3_600_000;

/** Lets the room do something, and says in how many milliseconds its alarm rings then. */
function alarmAfter(turn: (room: CodeRoom) => void): Promise<number> {
  return runInDurableObject(stubOf(newRoom()), async (instance, { storage }) => {
    turn(instance as unknown as CodeRoom);
    return ((await storage.getAlarm()) ?? Number.NaN) - Date.now();
  });
}

describe("the alarm of a job", () => {
  it("ROOM-4 rings in time, though another's was undone with its transaction", async () => {
    const alarm = await alarmAfter((room) => {
      const undone = () =>
        room.transaction(() => {
          room.schedule(60_000, room.ring, { text: "undone" });
          throw new Error("no good");
        });
      expect(undone).toThrow("no good");
      room.schedule(90_000, room.ring, { text: "kept" });
    });
    expect(alarm).toBeLessThanOrEqual(90_000);
  });

  it("ROOM-4 stays, though an earlier one was undone", async () => {
    const alarm = await alarmAfter((room) => {
      room.schedule(90_000, room.ring, { text: "kept" });
      const undone = () =>
        room.transaction(() => {
          room.schedule(60_000, room.ring, { text: "undone" });
          throw new Error("no good");
        });
      expect(undone).toThrow("no good");
    });
    expect(alarm).toBeLessThanOrEqual(90_000);
  });

  it("ROOM-4 comes within a year for what is due after the last date that an alarm may have", async () => {
    const alarm = await alarmAfter((room) => {
      room.schedule(new Date("2300-01-01"), room.ring, { text: "far" });
    });
    expect(alarm).toBeLessThanOrEqual(YEAR);
  });
});
