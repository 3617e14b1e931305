// The server of `npm start`: build, serve, tell what to try, stop on Ctrl-C.
import { relative } from "node:path";
import { readConfig } from "../src/config.ts";
import { RelayError } from "../src/errors.ts";
import { greeting } from "./greeting.ts";
import { root } from "./install.mjs";
import { parseOptions } from "./options.mjs";
import { assertPortFree, buildWorker, PortTakenError, startRelay } from "./relay.ts";
import { localSettings } from "./settings.ts";
import { lockState, StateLockedError } from "./state-lock.ts";

const { port, state: wantedState } = parseOptions(process.argv.slice(2));
const settings = localSettings(process.env);
let stop = async () => {};
let stopping = false;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "disconnect"] as const) {
  process.on(signal, exitCleanly);
}

try {
  await assertPortFree(port);
  readConfig(settings);
  const state = chooseState();
  console.log("Building …");
  const bundle = await buildWorker();
  const relay = await startRelay({ port, state, bundle, bindings: settings });
  stop = relay.stop;
  console.log(greeting(relay.url, shown(state), settings));
} catch (error) {
  if (!stopping) fail(error);
}

/** The folder asked for; else `.roomlog`, or one beside it while another relay uses that. */
function chooseState(): string {
  if (wantedState !== undefined) return lockState(wantedState);
  const usual = `${root}.roomlog`;
  try {
    return lockState(usual);
  } catch (error) {
    if (!(error instanceof StateLockedError)) throw error;
    const own = `${usual}/port-${port}`;
    console.log(`Another relay uses ${shown(usual)}; this one keeps its rooms in ${shown(own)}.`);
    return lockState(own);
  }
}

async function exitCleanly(): Promise<void> {
  // Ctrl-C in a terminal comes twice: from the terminal and from start.mjs.
  if (stopping) return;
  stopping = true;
  await Promise.race([stop(), new Promise((resolve) => setTimeout(resolve, 2_000))]);
  process.exit(0);
}

function fail(error: unknown): never {
  if (error instanceof RelayError) console.error("A setting makes no sense:");
  console.error(error instanceof Error ? error.message : error);
  if (error instanceof PortTakenError) {
    console.error(`Choose another one: npm start -- --port ${port === 8787 ? 8788 : port + 1}`);
  }
  if (error instanceof StateLockedError) {
    console.error("Choose another one: npm start -- --state some/folder");
  }
  process.exit(1);
}

function shown(path: string): string {
  return relative(process.cwd(), path) || ".";
}
