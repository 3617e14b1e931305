// The same inputs for the real runtime: fewer, since each is a connection. Time and evictions are
// the runtime's own.

import { Bystander, publish } from "../../test/support/bystander.ts";
import { PlainProcess } from "../../test/support/plain-process.ts";
import { seeded } from "../../test/support/random.ts";
import { RawWebSocket } from "../../test/support/raw-websocket.ts";
import { randomInput } from "./grammar.ts";
import type { Input, PacketInput, RequestInput } from "./input.ts";
import { mutate } from "./mutate.ts";
import { randomRequest } from "./request-grammar.ts";

/** So many are there at once. */
const BATCH = 32;

/** Whoever waits longer than this has found a bug. */
const PATIENCE = 5_000;

/** What a server that is alive may close with (ENG-11); undefined: the runtime, on a frame that is none. */
const CODES: ReadonlySet<number | undefined> = new Set([1000, 1002, 1008, 1009, 1011, 1013]);

const ROOM = "lobby";

/** Short, so that a held GET is soon let go. */
const SETTINGS = { PING_INTERVAL: "1000", PING_TIMEOUT: "1000", ORIGINS: "https://app.example" };

/** @returns what was found */
export async function fuzzOverLoopback(seed: number, inputs: number): Promise<string[]> {
  await using relay = await PlainProcess.start(SETTINGS);
  const random = seeded(seed);
  const findings: string[] = [];
  const healthy = new Bystander(relay.url, ROOM);
  await healthy.until(() => healthy.joined, "the healthy client to join");
  let first = await publish(relay.url, ROOM, "before");
  for (let given = 0; given < inputs && findings.length === 0; given += BATCH) {
    const batch = Array.from({ length: BATCH }, (): Input => {
      const fresh = random.below(4) === 0 ? randomRequest(random) : randomInput(random);
      return random.below(2) === 0 ? fresh : mutate(random, fresh, randomInput(random));
    });
    await Promise.all(
      batch.map(async (input) => {
        const work = input.kind === "request" ? ask(relay.url, input) : play(relay.url, input);
        const found = await work.catch((error) => `${error} ${error.cause ?? ""}`);
        // `fetch` has its own mind about headers.
        if (found?.includes("InvalidArgumentError")) return;
        if (found !== undefined) findings.push(`${found} ${JSON.stringify(input).slice(0, 1_000)}`);
      }),
    );
    const last = await publish(relay.url, ROOM, "after");
    await healthy.until(() => healthy.seqs.at(-1) === last, "the healthy client's last event");
    findings.push(...(await missedBy(healthy, relay.url, first)));
    first = last;
    if (healthy.closed) findings.push("the healthy client was closed");
    if (!relay.runs) findings.push("workerd ended");
  }
  healthy.leave();
  return findings;
}

/** What of the log behind `after` did not reach it, or not in order. */
async function missedBy(healthy: Bystander, url: string, after: number): Promise<string[]> {
  const seqs = healthy.seqs.splice(0);
  const findings: string[] = [];
  // An event that is not logged carries the offset of one before it.
  const fallen = seqs.find((seq, i) => seq < (seqs[i - 1] ?? 0));
  if (fallen !== undefined) findings.push(`the healthy client got ${fallen} out of order`);
  const got = new Set(seqs);
  for (let next: string | null = String(after); next !== null; ) {
    const query = `namespace=/&limit=1000&after=${next}`;
    const response = await fetch(`${url}/rooms/${ROOM}/events?${query}`);
    const page = (await response.json()) as { events: { offset: string }[]; next: string | null };
    const due = page.events.map(({ offset }) => Number(offset.split("-")[1]));
    const missed = due.filter((seq) => !got.has(seq));
    if (missed.length > 0) findings.push(`the healthy client missed ${missed}`);
    next = page.next;
  }
  return findings;
}

/** What is wrong with how a request is answered. */
async function ask(url: string, input: RequestInput): Promise<string | undefined> {
  const { method, target, headers, body } = input;
  let request: Request;
  try {
    const all = headers.filter(([name]) => name !== "content-length") as [string, string][];
    // Nobody is to wait for longer than is patient.
    const soon = target.replace(/wait=\d+/, "wait=1");
    request = new Request(url + soon, { method, headers: all, body });
  } catch {
    // What no request can be made of.
    return undefined;
  }
  const { status } = await fetch(request, { signal: AbortSignal.timeout(PATIENCE) });
  return status >= 500 ? `answered ${status}` : undefined;
}

/** What is wrong with how a session goes. */
function play(url: string, input: PacketInput): Promise<string | undefined> {
  return input.transport === "polling" ? poll(url, input) : connect(url, input);
}

async function connect(url: string, { format, steps }: PacketInput): Promise<string | undefined> {
  const query = `EIO=4&transport=websocket&format=${format}`;
  const socket = await RawWebSocket.open(`${url}/rooms/${ROOM}/socket.io/?${query}`);
  for (const step of steps) {
    if (step.do === "send") socket.send("text", step.text);
    else if (step.do === "bytes") socket.send("binary", Buffer.from(step.base64, "base64"));
  }
  // Answered when all before it was taken, or the end of the session.
  socket.send("text", "40/settled?,");
  const late = new Promise<"late">((resolve) => setTimeout(resolve, PATIENCE, "late").unref());
  const settled = socket.text("44/settled?,").then(() => "settled" as const);
  const end = await Promise.race([socket.closed, settled, late]);
  socket.destroy();
  if (end === "late") return "a session that neither goes on nor ends";
  return end === "settled" || CODES.has(end) ? undefined : `closed with ${end}`;
}

async function poll(url: string, { format, steps }: PacketInput): Promise<string | undefined> {
  const path = `${url}/rooms/${ROOM}/socket.io/?EIO=4&transport=polling`;
  const signal = () => AbortSignal.timeout(PATIENCE);
  const opened = await (await fetch(`${path}&format=${format}`, { signal: signal() })).text();
  const session = `${path}&sid=${JSON.parse(opened.slice(1)).sid}`;
  for (const step of steps) {
    const body = bodyOf(step);
    const init = body === undefined ? {} : { method: "POST", body };
    const { status } = await fetch(session, { ...init, signal: signal() });
    if (status >= 500) return `answered ${status}`;
    if (status !== 200) return undefined;
  }
  const { status } = await fetch(session, { method: "POST", body: "1", signal: signal() });
  return status >= 500 ? `answered ${status}` : undefined;
}

function bodyOf(step: PacketInput["steps"][number]): string | undefined {
  if (step.do === "send") return step.text;
  if (step.do === "post") return step.body;
  return step.do === "bytes" ? `b${step.base64}` : undefined;
}
