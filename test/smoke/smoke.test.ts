// The scenarios of `npm run smoke` against a relay of the tests' own.
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Relay, startRelay } from "../../scripts/relay.ts";
import { TemporaryFolder } from "../support/temporary.ts";
import { scenarios } from "./scenarios/index.ts";

describe("the stock client against the built Worker", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  let state: TemporaryFolder;
  let relay: Relay;

  beforeAll(async () => {
    state = new TemporaryFolder();
    relay = await startRelay({ state: state.path });
  }, 60_000);

  afterAll(async () => {
    await relay?.stop();
    state?.[Symbol.dispose]();
  });

  it.each(scenarios)("$rules: $promise", { timeout: 120_000 }, async ({ name, run }) => {
    try {
      const figures = await run(relay.url, seed);
      console.log(name, figures);
    } catch (error) {
      // So that the same choices can be had again: npm run smoke -- --seed …
      throw new Error(`${error instanceof Error ? error.message : error} (seed ${seed})`, {
        cause: error,
      });
    }
  });
});
