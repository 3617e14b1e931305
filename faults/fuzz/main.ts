// `npm run fuzz`: makes up inputs for a room until something gives way.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { root } from "../../scripts/install.mjs";
import { Coverage } from "./coverage.ts";
import type { Finding, Input } from "./input.ts";

const USAGE = `Gives a room inputs that are bad, or nearly good, and looks for what must never happen.

  npm run fuzz -- [options]

  --inputs <number>    how many (default 100000)
  --minutes <number>   instead: for how long
  --seed <number>      repeats the choices of an earlier run
  --workerd <number>   and so many over loopback, into the real runtime
  --replay <file>      gives the inputs of a finding again
`;

/** MB by which the heap may grow behind the first 20,000 inputs: the corpus is a part of it. */
const MORE = 64;

const { inputs, minutes, seed, workerd, replay } = readArguments(process.argv.slice(2));
const surprises: string[] = [];
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error: unknown) => surprises.push(`${event}: ${error}`));
// What the relay logs are failures that it has caught.
console.error = (...values: unknown[]) => surprises.push(`logged: ${values.join(" ")}`);

const coverage = new Coverage();
// Loaded only now, so that its blocks are counted from the first.
const { findIn, fuzz } = await import("./run.ts");

if (replay !== undefined) {
  const { batches, anonymous } = JSON.parse(readFileSync(replay, "utf8")) as Finding;
  const findings = [...(await findIn(batches, anonymous)), ...surprises];
  console.log(findings.join("\n") || "nothing was found");
  process.exit(findings.length === 0 ? 0 : 1);
}

console.log(`seed ${seed}`);
const begun = performance.now();
const until = begun + minutes * 60_000;
const progress = { inputs: 0, corpus: [] as Input[] };
const heap = { warm: 0 };
let said = begun;
const finding = await fuzz(seed, coverage, progress, () => {
  const now = performance.now();
  if (heap.warm === 0 && progress.inputs >= 20_000) heap.warm = usedHeap();
  if (now > said + 10_000) {
    said = now;
    console.log(figures());
  }
  return surprises.length === 0 && (minutes > 0 ? now < until : progress.inputs < inputs);
});
const end = usedHeap();
if (heap.warm > 0 && end > heap.warm + MORE) surprises.push(`the heap grew to ${end} MB`);
const memory =
  heap.warm === 0 ? "" : `, heap ${heap.warm} MB after 20,000 inputs and ${end} MB at the end`;
console.log(`${figures()}${memory}`);
if (workerd > 0) {
  const { fuzzOverLoopback } = await import("./over-loopback.ts");
  const started = performance.now();
  surprises.push(...(await fuzzOverLoopback(seed, workerd)));
  const seconds = ((performance.now() - started) / 1_000).toFixed(1);
  console.log(`${workerd} inputs over loopback in ${seconds} s`);
}
const found = [
  ...(finding === undefined ? [] : [finding]),
  ...surprises.map((what) => ({ what, anonymous: "write" as const, batches: [] })),
];
for (const { what, anonymous, batches } of found) {
  const file = `${root}.roomlog/fuzz/${seed}.json`;
  mkdirSync(`${root}.roomlog/fuzz`, { recursive: true });
  writeFileSync(file, JSON.stringify({ what, anonymous, batches }, undefined, 2));
  console.log(
    `  ${what}\n  ${JSON.stringify(batches).slice(0, 2_000)}\n  again: npm run fuzz -- --replay ${file}`,
  );
}
process.exit(found.length === 0 ? 0 : 1);

function figures(): string {
  const { covered, blocks } = coverage.figures;
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  return `${progress.inputs} inputs in ${seconds} s, corpus ${progress.corpus.length}, ${covered} of ${blocks} blocks of src/ reached, ${surprises.length} surprises`;
}

/** In MB, once all that is garbage has gone. */
function usedHeap(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return Math.round(process.memoryUsage().heapUsed / 1e6);
}

function readArguments(args: string[]) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        inputs: { type: "string", default: "100000" },
        minutes: { type: "string", default: "0" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        workerd: { type: "string", default: "0" },
        replay: { type: "string" },
      },
    });
    const numbers = {
      inputs: Number(values.inputs),
      minutes: Number(values.minutes),
      seed: Number(values.seed),
      workerd: Number(values.workerd),
    };
    if (Object.values(numbers).every((number) => number >= 0)) {
      return { ...numbers, replay: values.replay };
    }
  } catch {
    // An option that is not known.
  }
  console.log(USAGE);
  process.exit(2);
}
