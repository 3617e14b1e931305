// Errors of the disk, injected into a running process by strace.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

export const DISK_ERRORS = ["EIO", "ENOSPC"] as const;
export type DiskError = (typeof DISK_ERRORS)[number];

/** The calls with which SQLite writes. */
const CALLS = { EIO: "pwrite64,fdatasync,fsync", ENOSPC: "pwrite64,ftruncate" } as const;

/** Can errors be injected on this machine? It takes strace, and the right to trace. */
export function canInjectDiskErrors(): boolean {
  return spawnSync("strace", ["-qq", "-e", "trace=none", "true"]).status === 0;
}

/** For so many milliseconds, each such call of the process fails. */
export async function injectDiskErrors(
  pid: number,
  error: DiskError,
  milliseconds: number,
): Promise<void> {
  const calls = CALLS[error];
  const args = ["-f", "-qq", "-o", "/dev/null", "-p", String(pid), "-e", `trace=${calls}`];
  const strace = spawn("strace", [...args, "-e", `inject=${calls}:error=${error}`], {
    stdio: "ignore",
  });
  const gone = once(strace, "exit");
  await sleep(milliseconds);
  // It lets the process go.
  strace.kill("SIGINT");
  await gone;
}
