// A relay of the tests' own, with temporary state, for as long as a file's tests run.
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Relay, startRelay } from "../../scripts/relay.ts";
import { TemporaryFolder } from "./temporary.ts";

export type LocalRelay = {
  /** Known once the tests run. */
  readonly url: string;
  /** Disconnects these clients at the end of the present test. */
  release(...clients: readonly { disconnect(): unknown }[]): void;
};

/** Starts a relay before the tests of the suite that calls this, and stops it after them. */
export function localRelay(): LocalRelay {
  const clients: { disconnect(): unknown }[] = [];
  let state: TemporaryFolder | undefined;
  let relay: Relay | undefined;

  beforeAll(async () => {
    state = new TemporaryFolder();
    relay = await startRelay({ state: state.path });
  }, 60_000);

  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect();
  });

  afterAll(async () => {
    await relay?.stop();
    state?.[Symbol.dispose]();
  });

  return {
    get url() {
      if (relay === undefined) throw new Error("the relay is not there yet");
      return relay.url;
    },
    release: (...more) => {
      clients.push(...more);
    },
  };
}
