// Serves the Worker on plain workerd. Listens on $PORT and keeps rooms in the folder $DATA.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildWorker } from "./build.ts";
import { startWorkerd } from "./plain-workerd.ts";
import { localSettings } from "./settings.ts";

const { PORT, DATA, BUNDLE } = process.env;
if (PORT === undefined || !/^\d+$/.test(PORT) || !DATA) {
  console.error("Usage: PORT=<port> DATA=<folder> [BUNDLE=<built folder>] node scripts/workerd.ts");
  process.exit(2);
}

const folder = mkdtempSync(join(tmpdir(), "roomlog-workerd-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const bundle = BUNDLE ?? (await buildWorker());
const settings = localSettings(process.env);
const child = startWorkerd({ port: Number(PORT), data: DATA, folder, bundle, settings });
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
