// `npm run faults:fsyncs`: how often the relay makes the disk write, counted by strace. An ack means
// durable only if there is at least one such call between an event's arrival and its ack.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { buildWorker } from "../scripts/build.ts";
import { freePort } from "../test/support/relay-process.ts";
import { CLIENT } from "./publishers.ts";
import { CONFIG, Relay } from "./relay.ts";

const EVENTS = 1_000;

const folder = mkdtempSync(join(tmpdir(), "roomlog-fsyncs-"));
const relay = new Relay({ port: await freePort(), folder, bundles: [await buildWorker(CONFIG)] });
await relay.start();
try {
  for (const publishers of [1, 16]) {
    const count = await fsyncsWhile(() => publish(`fsyncs-${publishers}`, publishers));
    const each = (count / EVENTS).toFixed(2);
    console.log(`${publishers} at once: ${EVENTS} acked, ${count} fsyncs, ${each} an event`);
  }
} finally {
  await relay.kill();
  rmSync(folder, { recursive: true, force: true });
}

/** So many publishers together emit all events, each one after the other. */
async function publish(room: string, publishers: number): Promise<void> {
  const options = { ...CLIENT, path: `/rooms/${room}/socket.io`, transports: ["websocket"] };
  const sockets = Array.from({ length: publishers }, () => io(relay.url, options));
  try {
    await Promise.all(
      sockets.map(async (socket) => {
        for (let n = 0; n < EVENTS / publishers; n++) await socket.emitWithAck("value", n);
      }),
    );
  } finally {
    for (const socket of sockets) socket.disconnect();
  }
}

/** Calls of fsync and fdatasync by the relay's process during `work`. */
async function fsyncsWhile(work: () => Promise<void>): Promise<number> {
  const output = join(folder, "strace.txt");
  const calls = "trace=fsync,fdatasync,sync_file_range";
  const args = ["-f", "-qq", "-o", output, "-p", String(relay.pid), "-e", calls];
  const strace = spawn("strace", args, { stdio: "ignore" });
  await attached(strace);
  const gone = once(strace, "exit");
  await work();
  strace.kill("SIGINT");
  await gone;
  return readFileSync(output, "utf8").match(/\b(fsync|fdatasync)\(/g)?.length ?? 0;
}

/** Resolves when the process is traced. */
async function attached({ pid }: ChildProcess): Promise<void> {
  for (;;) {
    const status = readFileSync(`/proc/${relay.pid}/status`, "utf8");
    if (status.includes(`TracerPid:\t${pid}\n`)) return;
    await sleep(10);
  }
}
