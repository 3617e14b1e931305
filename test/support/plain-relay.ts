// A relay on workerd alone, for as long as a file's tests run.
import { afterAll, beforeAll } from "vitest";
import { PlainProcess } from "./plain-process.ts";

export type PlainRelay = {
  /** Known once the tests run. */
  readonly url: string;
};

/** Starts a relay before the tests of the suite that calls this, and stops it after them. */
export function plainRelay(settings: Readonly<Record<string, string>> = {}): PlainRelay {
  let relay: PlainProcess | undefined;

  beforeAll(async () => {
    relay = await PlainProcess.start(settings);
  }, 60_000);

  afterAll(async () => {
    await relay?.[Symbol.asyncDispose]();
  });

  return {
    get url() {
      if (relay === undefined) throw new Error("the relay is not there yet");
      return relay.url;
    },
  };
}
