/**
 * The object's clock in the test's hands: its `Date` and its timers stand still until they are
 * moved. The runtime's own clock, which rings alarms, goes on; alarms are rung by hand.
 */
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { stubOf } from "./rooms.ts";

/** Stops the clock, until `vi.useRealTimers()`. */
export function stopClock(): void {
  vi.useFakeTimers({ toFake: ["Date", "setTimeout", "clearTimeout"] });
}

/** Lets so many milliseconds pass for this room: what is due rings, timers first. */
export async function pass(room: string, milliseconds: number): Promise<void> {
  const due = await runInDurableObject(stubOf(room), async (_, { storage }) => {
    vi.advanceTimersByTime(milliseconds);
    const alarm = await storage.getAlarm();
    return alarm !== null && alarm <= Date.now();
  });
  if (due) await runDurableObjectAlarm(stubOf(room));
}

/** When the room's alarm will ring, in milliseconds from now; null if it is not set. */
export function alarmOf(room: string): Promise<number | null> {
  return runInDurableObject(stubOf(room), async (_, { storage }) => {
    const alarm = await storage.getAlarm();
    return alarm === null ? null : alarm - Date.now();
  });
}
