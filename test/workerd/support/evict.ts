/** Evictions: the object's instance is gone, its storage stays. */
import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { vi } from "vitest";
import { soon } from "./inbox.ts";
import { stubOf } from "./rooms.ts";

/** Evicts a room's object; its WebSockets hibernate or are closed. One that sleeps stays asleep. */
export async function evict(
  room: string,
  webSockets: "hibernate" | "close" = "hibernate",
): Promise<void> {
  // One that was still taking something has set timers meanwhile, or has already been followed.
  for (let running = true; running; ) {
    dropTimers();
    running = await endInstance(room, webSockets);
  }
}

/** @returns was there one? */
async function endInstance(room: string, webSockets: "hibernate" | "close"): Promise<boolean> {
  try {
    await soon(evictDurableObject(stubOf(room), { webSockets }), "the eviction");
    return true;
  } catch (error) {
    if (!String(error).includes("not currently running")) throw error;
    return false;
  }
}

/** An instance's timers go with it. Clearing them sets the clock back as well. */
function dropTimers(): void {
  if (!vi.isFakeTimers()) return;
  const now = Date.now();
  vi.clearAllTimers();
  vi.setSystemTime(now);
}

/** All that the room has stored is gone, as if by somebody's mistake, and its instance with it. */
export async function wipe(room: string): Promise<void> {
  await runInDurableObject(stubOf(room), (_, { storage }) => storage.deleteAll());
  await crash(room);
}

/** The instance dies at once, as in a crash: its WebSockets go with it. */
export async function crash(room: string): Promise<void> {
  const dead = runInDurableObject(stubOf(room), (_, state) => state.abort("crash"));
  await dead.catch(() => {});
  await evict(room);
}
