// What the heavy rows of docs/bad-inputs.md cost in memory, on plain workerd. Each is given again and
// again; what a round leaves behind shows in the rounds after it. `node bench/bad-inputs.ts [rounds]`
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { PlainProcess } from "../test/support/plain-process.ts";
import { head, RawRequest } from "../test/support/raw-http.ts";
import { RawWebSocket } from "../test/support/raw-websocket.ts";

const ROUNDS = Number(process.argv[2] ?? 4);
/** Inputs of a round, at once. */
const AT_ONCE = 20;

const ENGINE = "/rooms/lobby/socket.io/?EIO=4&transport=";
const HOLE = '{"_placeholder":true,"num":0}';

await using relay = await PlainProcess.start({ PING_INTERVAL: "2000", PING_TIMEOUT: "1000" });

const ROWS: Readonly<Record<string, () => Promise<unknown>>> = {
  "BAD-16 a body of 1 MB that does not end": async () => {
    const request = await post("Transfer-Encoding: chunked");
    for (let n = 0; n < 16; n++) request.send(`10000\r\n${"x".repeat(65_536)}\r\n`);
    await answered(request);
  },
  "BAD-17 a body whose rest does not come": async () => {
    await answered(await post("Content-Length: 900000", "x".repeat(500_000)));
  },
  "BAD-19 500,000 separators": async () => {
    await answered(await post("Content-Length: 500000", "\x1e".repeat(500_000)));
  },
  "BAD-57 1,000 binary messages": async () => {
    const socket = await joined();
    socket.send("text", '450-["a"]');
    for (let n = 0; n < 1_000; n++) socket.send("binary", Buffer.alloc(1_000));
    await ended(socket);
  },
  "BAD-63 attachments that do not come": async () => {
    const socket = await joined();
    socket.send("text", `452-["a",${HOLE},${HOLE.replace("0", "1")}]`);
    socket.send("binary", Buffer.alloc(500_000));
    await ended(socket);
  },
  "BAD-66 20,000 levels, and 400,000 elements": async () => {
    const socket = await joined();
    socket.send("text", `421["typing",${"[".repeat(20_000)}${"]".repeat(20_000)}]`);
    socket.send("text", `432[${"0,".repeat(400_000)}0]`);
    socket.send("text", "7");
    await ended(socket);
  },
  "BAD-69 32 MiB in one message": async () => {
    const socket = await joined();
    socket.send("binary", Buffer.alloc(32 * 1024 * 1024));
    await ended(socket);
  },
};

console.log(`${AT_ONCE} at once; MB resident before, then at most and 3 s after each round`);
for (const [row, give] of Object.entries(ROWS)) {
  const figures = [resident()];
  const rounds: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, resident());
    }, 10);
    await Promise.all(Array.from({ length: AT_ONCE }, give));
    clearInterval(watch);
    await sleep(3_000);
    rounds.push(`${most}/${resident()}`);
  }
  console.log(`${row}: ${figures[0]}, then ${rounds.join(" ")}`);
}

/** A POST of a session of its own that has joined. */
async function post(header: string, body = ""): Promise<RawRequest> {
  const opened = await (await fetch(`${relay.url}${ENGINE}polling`)).text();
  const path = `${ENGINE}polling&sid=${JSON.parse(opened.slice(1)).sid}`;
  await fetch(relay.url + path, { method: "POST", body: "40" });
  return new RawRequest(relay.url, head(`POST ${path}`, header), body);
}

async function answered(request: RawRequest): Promise<void> {
  await request.answer();
  request.destroy();
}

async function joined(): Promise<RawWebSocket> {
  const socket = await RawWebSocket.open(`${relay.url}${ENGINE}websocket`);
  socket.send("text", "40");
  await socket.text("40{");
  return socket;
}

async function ended(socket: RawWebSocket): Promise<void> {
  await socket.closed;
  socket.destroy();
}

function resident(): number {
  const [, pages] = readFileSync(`/proc/${relay.pid}/statm`, "utf8").split(" ");
  return Math.round((Number(pages) * 4_096) / 1e6);
}
