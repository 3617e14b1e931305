// Runs the built Worker on plain workerd, without Miniflare and without assets: for benchmarks
// and crash tests. Listens on $PORT and keeps rooms in the folder $DATA.
import { spawn } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildWorker } from "./build.ts";
import { guardWorkerd } from "./guard.ts";
import { localSettings } from "./settings.ts";
import { readWorkerConfig } from "./worker-config.ts";

const { PORT, DATA, BUNDLE } = process.env;
if (PORT === undefined || !/^\d+$/.test(PORT) || !DATA) {
  console.error("Usage: PORT=<port> DATA=<folder> [BUNDLE=<built folder>] node scripts/workerd.ts");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "roomlog-workerd-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
mkdirSync(DATA, { recursive: true });
cpSync(join(BUNDLE ?? (await buildWorker()), "index.js"), join(folder, "worker.js"));
writeFileSync(join(folder, "config.capnp"), config(PORT, resolve(DATA)));

guardWorkerd();
// The binary itself: node_modules/.bin/workerd may be a script that starts it as a child.
const workerd: string = createRequire(import.meta.url)("workerd").default;
const child = spawn(workerd, ["serve", join(folder, "config.capnp")], { stdio: "inherit" });
child.on("error", (error) => {
  console.error(`workerd could not be started: ${error.message}`);
  process.exit(1);
});
let stopping = false;
child.on("exit", (code) => process.exit(stopping ? 0 : (code ?? 1)));
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // SIGTERM would have workerd wait for its sockets to end. What was acknowledged is on disk.
  process.on(signal, () => {
    stopping = true;
    child.kill("SIGKILL");
  });
}

/** The configuration in Cap'n Proto's text format, whose strings are written like JSON's. */
function config(port: string, data: string): string {
  const { name, compatibilityDate, compatibilityFlags, objects } = readWorkerConfig();
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
    ...Object.entries(localSettings(process.env)).map(
      ([setting, value]) => `(name = ${text(setting)}, text = ${text(value)})`,
    ),
  ];
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "disk", disk = (path = ${text(data)}, writable = true)),
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
