// Serves what a public protocol test suite expects:
//   npm run conformance:serve -- --suite engine|socket [--port 3000]
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startRelay } from "./relay.ts";

const SUITES: readonly string[] = ["engine", "socket"];
const USAGE = "Usage: npm run conformance:serve -- --suite engine|socket [--port 3000]";

const { suite, port } = readOptions();
const state = mkdtempSync(join(tmpdir(), "roomlog-conformance-"));
process.on("exit", () => rmSync(state, { recursive: true, force: true }));
// To stop when told to is no failure. Before Miniflare's own listeners, which say it is one; what
// it has started it ends on any exit.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(0));
}

try {
  const { url } = await startRelay({ port, state, config: `conformance/${suite}.toml` });
  console.log(`The server for the ${suite} suite listens on ${url}. Ctrl-C stops.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

function readOptions(): { suite: string; port: number } {
  try {
    const { values } = parseArgs({
      options: {
        suite: { type: "string" },
        port: { type: "string", default: "3000" },
        help: { type: "boolean" },
      },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const { suite } = values;
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (suite === undefined || !SUITES.includes(suite) || !(port <= 65_535)) throw new Error(USAGE);
    return { suite, port };
  } catch {
    console.error(USAGE);
    process.exit(2);
  }
}
