// A reader that asks for a long replay and stops reading: what that costs the room and the others.
// `node bench/slow-reader.ts [events]`; $BUNDLE is a built Worker, by default a fresh build.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { io } from "socket.io-client";
import { buildWorker } from "../scripts/build.ts";
import { startWorkerd } from "../scripts/plain-workerd.ts";
import { localSettings } from "../scripts/settings.ts";

const EVENTS = Number(process.argv[2] ?? 100_000);
const BATCH = 1_000;
/** Milliseconds that each half of the measurement takes. */
const SPAN = 10_000;
const KEEP = String(10 * EVENTS);

const folder = mkdtempSync(join(tmpdir(), "roomlog-slow-"));
const port = await freePort();
const url = `http://127.0.0.1:${port}`;
const workerd = startWorkerd({
  port,
  data: join(folder, "data"),
  folder,
  bundle: process.env.BUNDLE ?? (await buildWorker()),
  settings: localSettings({ KEEP_EVENTS: KEEP, REPLAY_LIMIT: KEEP, KEEP_BYTES: "9000000000" }),
});
try {
  await fill();
  const [writer, reader] = [await enter(), await enter()];
  await measure(writer, reader);
  const before = await measure(writer, reader);
  const stalled = await stall();
  const during = await measure(writer, reader);
  stalled.destroy();
  for (const [when, { p50, p99, rss }] of Object.entries({ before, during })) {
    console.log(`${when}: p50 ${p50} ms, p99 ${p99} ms, workerd ${rss} MB at most`);
  }
  console.log(`memory up by ${(during.rss - before.rss).toFixed(1)} MB`);
  writer.close();
  reader.close();
} finally {
  workerd.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
}

async function fill(): Promise<void> {
  while (!(await fetch(`${url}/healthz`).catch(() => undefined))?.ok) await sleep(50);
  const events = Array.from({ length: BATCH }, () => ({ event: "old", args: ["x".repeat(1_000)] }));
  const request = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ events }),
  };
  for (let n = 0; n < EVENTS; n += BATCH) {
    const { status } = await fetch(`${url}/rooms/r/events`, request);
    if (status !== 201) throw new Error(`${status}`);
  }
}

async function enter() {
  const socket = io(url, { path: "/rooms/r/socket.io", transports: ["websocket"], forceNew: true });
  await new Promise<void>((resolve) => socket.on("connect", resolve));
  return socket;
}

/** One event each 5 ms, from one client to another: how long each takes, and the most memory. */
async function measure(writer: ReturnType<typeof io>, reader: ReturnType<typeof io>) {
  const times: number[] = [];
  let rss = 0;
  reader.on("now", (sent: number) => times.push(performance.now() - sent));
  const end = performance.now() + SPAN;
  while (performance.now() < end) {
    writer.emit("now", performance.now());
    await sleep(5);
    rss = Math.max(rss, residentMegabytes());
  }
  reader.off("now");
  times.sort((a, b) => a - b);
  const at = (part: number) => Number(times[Math.floor(times.length * part)]?.toFixed(2));
  return { p50: at(0.5), p99: at(0.99), rss };
}

/** A WebSocket that asks for all there is, and whose bytes nobody takes. */
async function stall() {
  const headers = {
    connection: "upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
  };
  const request = get(`${url}/rooms/r/socket.io/?EIO=4&transport=websocket`, { headers });
  const [, stream] = await once(request, "upgrade");
  stream.pause();
  const text = Buffer.from('40{"offset":"0"}');
  stream.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
  return stream;
}

function residentMegabytes(): number {
  const [, pages] = readFileSync(`/proc/${workerd.pid}/statm`, "utf8").split(" ");
  return (Number(pages) * 4_096) / 1e6;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
