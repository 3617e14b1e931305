/**
 * Random histories of a room, against all of its promises. `MODEL_SEED` and `MODEL_PATH` repeat
 * what a failure prints, `MODEL_RUNS` has more or fewer of them.
 */
import fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { commands } from "./commands.ts";
import { NodeDriver } from "./node-driver.ts";
import { parametersOf } from "./parameters.ts";
import { World } from "./world.ts";

const parameters = parametersOf(process.env, 500);

afterEach(() => vi.restoreAllMocks());

describe("a room, whatever happens and in whichever order", () => {
  it("SUB-4 SUB-6 SUB-8 SUB-9 EMIT-1 EMIT-2 HTTP-2 HTTP-8 KEEP-1 LIFE-2 keeps its promises", async () => {
    const { digest } = crypto.subtle;
    let runs = 0;
    const property = fc.asyncProperty(
      fc.scheduler(),
      commands(120),
      commands(40),
      async (scheduler, steps, after) => {
        runs++;
        const driver = new NodeDriver(scheduler);
        // The one thing that a room awaits by itself, each as long as the scheduler says.
        vi.spyOn(crypto.subtle, "digest").mockImplementation((...args) =>
          driver.await(digest.apply(crypto.subtle, args), "digest"),
        );
        const world = new World(driver);
        const setup = () => ({ model: {}, real: world });
        await world.begin();
        await fc.scheduledModelRun(scheduler, setup, steps);
        await world.wipe();
        await world.begin();
        await fc.scheduledModelRun(scheduler, setup, after);
        await world.judge();
      },
    );
    await fc.assert(property, parameters);
    expect(runs).toBeGreaterThanOrEqual(parameters.numRuns);
  }, 120_000);
});
