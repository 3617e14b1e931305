/** How far it is, in a line. */
import { expect, it } from "vitest";
import { progressLine } from "../../src/cli/progress.ts";

it.each([
  [{ events: 0, fraction: 0 }, 0, 10, "[----------] 0 %, 0 events, 0/s"],
  [{ events: 500, fraction: 0.25 }, 2_000, 10, "[##--------] 25 %, 500 events, 250/s, 0:06 left"],
  [{ events: 9, fraction: 0.999 }, 100_000, 4, "[###-] 99 %, 9 events, 0/s, 0:01 left"],
  [{ events: 9, fraction: 1.2 }, 1_000, 4, "[####] 100 %, 9 events, 9/s, 0:00 left"],
  [{ events: 10, fraction: 0.01 }, 10_000, 0, "1 %, 10 events, 1/s, 16:30 left"],
  [{ events: 10, fraction: undefined }, 1_000, 10, "10 events, 10/s"],
])("%j after %i ms", (done, milliseconds, bar, line) => {
  expect(progressLine(done, milliseconds, bar)).toBe(line);
});
