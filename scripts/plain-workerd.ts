// A built Worker on plain workerd, without Miniflare and without assets: for benchmarks and crash
// tests, which want the runtime alone.
import { type ChildProcess, spawn } from "node:child_process";
import { cpSync, mkdirSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { guardWorkerd } from "./guard.ts";
import { readWorkerConfig } from "./worker-config.ts";

export type PlainWorkerd = {
  /** Where it listens. */
  readonly port: number;
  /** A folder for the rooms' databases. */
  readonly data: string;
  /** A folder for the bundle and the configuration of this run. */
  readonly folder: string;
  /** The built bundle's folder. */
  readonly bundle: string;
  /** The wrangler.toml that it was built from; default: the relay's. */
  readonly config?: string;
  readonly settings: Readonly<Record<string, string>>;
};

/**
 * Starts workerd itself, so that its pid is the child's. It lives no longer than this process.
 * @param stdio what becomes of its output
 */
export function startWorkerd(
  options: PlainWorkerd,
  stdio: "inherit" | "ignore" | "pipe" = "inherit",
): ChildProcess {
  const { data, folder, bundle, config } = options;
  mkdirSync(data, { recursive: true });
  const { entry } = readWorkerConfig(config);
  cpSync(join(bundle, entry), join(folder, "worker.js"));
  const file = join(folder, "config.capnp");
  writeFileSync(file, capnp(options));
  guardWorkerd();
  // The binary itself: node_modules/.bin/workerd may be a script that starts it as a child.
  const workerd: string = createRequire(import.meta.url)("workerd").default;
  return spawn(workerd, ["serve", file], { stdio: ["ignore", stdio, stdio] });
}

/** The configuration in Cap'n Proto's text format, whose strings are written like JSON's. */
function capnp({ port, data, config, settings }: PlainWorkerd): string {
  const { name, compatibilityDate, compatibilityFlags, objects } = readWorkerConfig(config);
  const text = JSON.stringify;
  const list = (items: string[]) => `[${items.join(", ")}]`;
  const namespaces = objects.map(
    // The key that Miniflare and `npm start` use, so that either can read the other's rooms.
    ({ className }) =>
      `(className = ${text(className)}, uniqueKey = ${text(`${name}-${className}`)}, enableSql = true)`,
  );
  const bindings = [
    ...objects.map(
      ({ binding, className }) =>
        `(name = ${text(binding)}, durableObjectNamespace = ${text(className)})`,
    ),
    ...Object.entries(settings).map(
      ([setting, value]) => `(name = ${text(setting)}, text = ${text(value)})`,
    ),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "disk", disk = (path = ${text(resolve(data))}, writable = true)),
  ],
  sockets = [(name = "http", address = ${text(`127.0.0.1:${port}`)}, http = (), service = "main")],
);

const worker :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = ${text(compatibilityDate)},
  compatibilityFlags = ${list(compatibilityFlags.map((flag) => text(flag)))},
  durableObjectNamespaces = ${list(namespaces)},
  durableObjectStorage = (localDisk = "disk"),
  bindings = ${list(bindings)},
);
`;
}
