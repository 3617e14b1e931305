import { expect, test, vi } from "vitest";
import { Waiters } from "../../src/room/waiters.ts";

test.each([0, -5_000])("HTTP-9 whose %i ms are over waits for nothing", async (ms) => {
  vi.useFakeTimers();
  try {
    const waiting = new Waiters().wait(ms);
    expect(vi.getTimerCount()).toBe(0);
    expect(await waiting).toBe(false);
  } finally {
    vi.useRealTimers();
  }
});
