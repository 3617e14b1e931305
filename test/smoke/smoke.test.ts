// The scenarios of `npm run smoke` against a relay of the tests' own.
import { describe, it } from "vitest";
import { localRelay } from "../support/local-relay.ts";
import { scenarios } from "./scenarios/index.ts";

describe("the stock client against the built Worker", () => {
  const seed = Math.floor(Math.random() * 2 ** 32);
  const relay = localRelay();

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
