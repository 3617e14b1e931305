// No workerd outlives the process that started it: an orphan would hold the port and the log.
import { type ChildProcess, spawn } from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import { basename } from "node:path";

// Reads "+ pid" and "- pid" until its input ends, which it does when this process is gone,
// however it went. Then kills what is left.
const WATCHDOG = `
pids=
while read -r sign pid; do
  if [ "$sign" = + ]; then pids="$pids $pid"; continue; fi
  rest=
  for each in $pids; do [ "$each" = "$pid" ] || rest="$rest $each"; done
  pids=$rest
done
[ -z "$pids" ] || kill -9 $pids 2>/dev/null
`;

let watchdog: ChildProcess | undefined;

/**
 * From now on, every workerd that this process starts (through Miniflare or by itself) is killed
 * within moments when this process dies, also by `kill -9`. On Windows this does nothing.
 */
export function guardWorkerd(): void {
  if (watchdog !== undefined || process.platform === "win32") return;
  // In a process group of its own: Ctrl-C or a kill of the group must not take the watchdog first.
  const dog = spawn("sh", ["-c", WATCHDOG], {
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  watchdog = dog;
  dog.on("error", () => {});
  dog.stdin.on("error", () => {});
  dog.unref();
  // A pipe to a child is a socket, which would keep the event loop running.
  if ("unref" in dog.stdin && typeof dog.stdin.unref === "function") dog.stdin.unref();

  // Miniflare doesn't tell the pid of its workerd, and starts a new one when it crashes.
  subscribe("child_process", (message) => {
    const { process: child } = message as { process: ChildProcess };
    child.once("spawn", () => {
      if (!/^workerd/.test(basename(child.spawnfile))) return;
      dog.stdin.write(`+ ${child.pid}\n`);
      child.once("exit", () => dog.stdin.write(`- ${child.pid}\n`));
    });
  });
}
