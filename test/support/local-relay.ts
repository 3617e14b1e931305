// A relay of the tests' own, with temporary state, for as long as a file's tests run.
import { afterAll, afterEach, beforeAll } from "vitest";
import { buildWorker, type Relay, startRelay } from "../../scripts/relay.ts";
import { localSettings } from "../../scripts/settings.ts";
import { TemporaryFolder } from "./temporary.ts";

export type LocalRelay = {
  /** Known once the tests run. */
  readonly url: string;
  /** Disconnects these clients at the end of the present test. */
  release(...clients: readonly { disconnect(): unknown }[]): void;
};

export type LocalRelayOptions = {
  /** Of another Worker than the relay: its wrangler.toml, relative to the project. */
  readonly config?: string;
  /** Settings beside those that open it to everyone. */
  readonly bindings?: Readonly<Record<string, string>>;
};

/** Folders of bundles, by their config: a file that starts several relays builds each once. */
const bundles = new Map<string | undefined, Promise<string>>();

function bundleOf(config: string | undefined): Promise<string> {
  const bundle = bundles.get(config) ?? buildWorker(config);
  bundles.set(config, bundle);
  return bundle;
}

/** Starts a relay before the tests of the suite that calls this, and stops it after them. */
export function localRelay({ config, bindings }: LocalRelayOptions = {}): LocalRelay {
  const clients: { disconnect(): unknown }[] = [];
  let state: TemporaryFolder | undefined;
  let relay: Relay | undefined;

  beforeAll(async () => {
    state = new TemporaryFolder();
    relay = await startRelay({
      state: state.path,
      bundle: await bundleOf(config),
      bindings: { ...localSettings({}), ...bindings },
      ...(config !== undefined && { config }),
    });
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
