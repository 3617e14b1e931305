// The chat, built from the packed Roomlog, for as long as a file's tests run.
import { afterAll, afterEach, beforeAll } from "vitest";
import { installPackage } from "../../../../scripts/example.ts";
import { type Relay, startRelay } from "../../../../scripts/relay.ts";
import { TemporaryFolder } from "../../../../test/support/temporary.ts";
import { Visitor, type VisitorOptions } from "./visitor.ts";

export const MODERATOR_CODE = "open sesame";

export type ChatRelay = {
  /** Known once the tests run. */
  readonly url: string;
  /** Somebody who comes in, until the present test ends. */
  visit(options: VisitorOptions): Promise<Visitor>;
  /** Resolves with the error that somebody is refused with. */
  refused(options: VisitorOptions): Promise<Error & { data?: unknown }>;
  /** Stops the Worker, does something, and starts it again at the same address with its rooms. */
  restart(meanwhile?: () => Promise<void>): Promise<void>;
};

/** Starts the chat before the tests of the suite that calls this, and stops it after them. */
export function chatRelay(): ChatRelay {
  const state = new TemporaryFolder();
  const visitors: Visitor[] = [];
  let relay: Relay | undefined;

  const start = async (port = 0) => {
    relay = await startRelay({
      port,
      state: state.path,
      config: "examples/chat/wrangler.toml",
      bindings: { MODERATOR_CODE },
    });
  };
  const running = () => {
    if (relay === undefined) throw new Error("the chat is not there yet");
    return relay;
  };

  beforeAll(async () => {
    installPackage("chat");
    await start();
  }, 120_000);

  afterEach(() => {
    for (const visitor of visitors.splice(0)) visitor.socket.disconnect();
  });

  afterAll(async () => {
    await relay?.stop();
    state[Symbol.dispose]();
  });

  const open = (options: VisitorOptions) => {
    const visitor = new Visitor(running().url, options);
    visitors.push(visitor);
    return visitor;
  };
  return {
    get url() {
      return running().url;
    },
    visit: async (options) => {
      const visitor = open(options);
      await visitor.connected();
      return visitor;
    },
    refused: (options) => open(options).refused(),
    restart: async (meanwhile) => {
      const port = Number(new URL(running().url).port);
      await running().stop();
      await meanwhile?.();
      await start(port);
    },
  };
}
