/**
 * The model's random histories, in the real runtime: its order of things, its eviction, its crash,
 * its alarm. `test/model/model.test.ts` says how to repeat what fails.
 */
import { env } from "cloudflare:workers";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { commands } from "../../model/commands.ts";
import { type ModelSettings, parametersOf } from "../../model/parameters.ts";
import { World } from "../../model/world.ts";
import { stopClock } from "../support/clock.ts";
import { WorkerdDriver } from "./workerd-driver.ts";

const RUNS = 40;

/** The room's settings, and what `vitest.config.ts` hands on from the environment. */
const settings = env as unknown as ModelSettings & { readonly KEEP_EVENTS: string };

beforeEach(() => stopClock());
afterEach(() => vi.useRealTimers());

describe("a room in workerd, whatever happens", () => {
  it("SUB-4 SUB-6 SUB-8 SUB-9 EMIT-1 EMIT-2 HTTP-2 HTTP-8 KEEP-1 LIFE-2 keeps its promises", async () => {
    let runs = 0;
    const property = fc.asyncProperty(commands(120), commands(30), async (steps, after) => {
      runs++;
      const driver = new WorkerdDriver(Number(settings.KEEP_EVENTS));
      const world = new World(driver);
      const setup = () => ({ model: {}, real: world });
      await world.begin();
      await fc.asyncModelRun(setup, steps);
      await world.wipe();
      await world.begin();
      await fc.asyncModelRun(setup, after);
      await world.judge();
      await driver.end();
    });
    const parameters = parametersOf(settings, RUNS);
    await fc.assert(property, parameters);
    expect(runs).toBeGreaterThanOrEqual(parameters.numRuns);
  }, 240_000);
});
