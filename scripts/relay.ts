// Runs the built Worker on this machine with Miniflare: for `npm start` and for tests.
import { createServer } from "node:net";
import { resolve } from "node:path";
import { convertV4MiniflareOptions, Log, LogLevel, Miniflare } from "miniflare";
import { buildWorker } from "./build.ts";
import { guardWorkerd } from "./guard.ts";
import { localSettings } from "./settings.ts";
import { miniflareWorkerOptions, readWorkerConfig } from "./worker-config.ts";

export { buildWorker };

const HOST = "127.0.0.1";

export interface RelayOptions {
  /** Default: a free one. */
  port?: number;
  /** The folder in which rooms are kept. One relay at a time. */
  state: string;
  /** Settings of the Worker. Default: open to everyone, see `localSettings`. */
  bindings?: Record<string, string>;
  /** A folder that `buildWorker` returned. Default: built afresh. */
  bundle?: string;
  /** Of another Worker than the relay: its wrangler.toml, relative to the project. */
  config?: string;
}

export interface Relay {
  /** Without a slash at its end. */
  url: string;
  stop(): Promise<void>;
}

/** Something else listens on the port. */
export class PortTakenError extends Error {}

/**
 * Serves the Worker and its assets, with options from wrangler.toml.
 *
 * Its workerd is a child process that dies with this one, also after `kill -9` (see guard.ts).
 *
 * @throws {PortTakenError}
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { port = 0, state, bindings = localSettings({}) } = options;
  await assertPortFree(port);
  const bundle = options.bundle ?? (await buildWorker(options.config));
  const worker = miniflareWorkerOptions(options.config);
  const { entry } = readWorkerConfig(options.config);

  guardWorkerd();
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      host: HOST,
      port,
      // Miniflare would fetch a sample of `request.cf` from the network.
      cf: false,
      log: new Log(LogLevel.WARN),
      logRequests: false,
      resourcePersistencePath: resolve(state),
      workers: [
        {
          ...worker,
          bindings: { ...worker.bindings, ...bindings },
          modulesRoot: bundle,
          modules: [{ type: "ESModule", path: `${bundle}/${entry}` }],
        },
      ],
    }),
  );
  try {
    const address = await miniflare.ready;
    return { url: `http://localhost:${address.port}`, stop: () => miniflare.dispose() };
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    // Somebody may have taken it since it was looked at.
    if (String(error).includes("ddress already in use")) throw portTaken(port);
    throw error;
  }
}

/**
 * @param port 0 is always free
 * @throws {PortTakenError}
 */
export function assertPortFree(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") reject(portTaken(port));
      else reject(new Error(`Can't listen on port ${port}: ${error.message}`));
    });
    probe.listen(port, HOST, () => probe.close(() => resolve()));
  });
}

function portTaken(port: number): PortTakenError {
  return new PortTakenError(`Port ${port} is taken by another program.`);
}
