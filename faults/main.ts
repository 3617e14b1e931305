// `npm run faults`: kills a relay again and again, breaks its network and its disk, and checks that
// nothing that it promised was broken.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { buildWorker } from "../scripts/build.ts";
import { root } from "../scripts/install.mjs";
import { freePort } from "../test/support/relay-process.ts";
import { check } from "./checker.ts";
import { canInjectDiskErrors } from "./disk.ts";
import { type Figures, figuresOf, sumOf } from "./figures.ts";
import { ListenerError } from "./readers.ts";
import { CONFIG, KEPT_EVENTS, Relay } from "./relay.ts";
import { runRound } from "./round.ts";

const USAGE = `Runs the relay on workerd with its storage on disk, kills it and breaks what is around it,
and checks from outside that nothing was lost, doubled or reordered.

  npm run faults -- [options]

  --kills <number>   how often the process is killed (default 100)
  --seed <number>    repeats the choices of an earlier run; the timing is never the same
  --round <number>   kills in one room, before all is healed and checked (default 25)
  --first            ends at the first finding
`;

const { kills, seed, perRound, first } = readArguments(process.argv.slice(2));
const disk = canInjectDiskErrors();
console.log(
  `${kills} kills, seed ${seed}${disk ? "" : ", without errors of the disk (no strace)"}`,
);
process.on("uncaughtException", (error) => {
  // The stock client lets what a listener throws pass through.
  if (error instanceof ListenerError) return;
  console.error(error);
  process.exit(1);
});

const bundles = [await buildWorker(CONFIG), await buildWorker(CONFIG, true)];
const folder = mkdtempSync(join(tmpdir(), "roomlog-faults-"));
const all: Figures[] = [];
const recoveries: number[] = [];
let failed = 0;
const begun = performance.now();
for (let done = 0, round = 0; done < kills && !(first && failed > 0); round++) {
  const place = join(folder, String(round));
  mkdirSync(place);
  const relay = new Relay({ port: await freePort(), folder: place, bundles });
  const room = `faults-${round}`;
  const some = Math.min(perRound, kills - done);
  const options = { relay, room, seed: seed + round, kills: some, disk };
  done += some;
  try {
    const result = await runRound(options);
    const { history } = result.recorder;
    const findings = check(history, KEPT_EVENTS);
    const figures = figuresOf(history, findings);
    all.push(figures);
    recoveries.push(...result.recoveries);
    const minutes = ((performance.now() - begun) / 60_000).toFixed(1);
    console.log(
      `${done} kills, ${minutes} min: ${figures.acknowledged} acknowledged, ${figures.delivered} delivered, ${findings.length} findings`,
    );
    if (findings.length > 0) {
      failed++;
      const file = `${root}.roomlog/faults/${seed + round}.ndjson`;
      result.recorder.save(file);
      for (const { kind, detail } of findings.slice(0, 20)) console.error(`  ${kind}: ${detail}`);
      console.error(`  the history is in ${file}`);
      console.error(
        `  again: npm run faults -- --kills ${some} --round ${some} --seed ${seed + round}`,
      );
    }
  } catch (error) {
    failed++;
    console.error(
      `  round of seed ${seed + round}: ${error instanceof Error ? error.stack : error}`,
    );
  }
  rmSync(place, { recursive: true, force: true });
}
rmSync(folder, { recursive: true, force: true });

recoveries.sort((a, b) => a - b);
const at = (part: number) =>
  Math.round(
    recoveries[Math.min(recoveries.length - 1, Math.floor(recoveries.length * part))] ?? 0,
  );
console.log(
  JSON.stringify(
    {
      seed,
      minutes: Number(((performance.now() - begun) / 60_000).toFixed(1)),
      ...sumOf(all),
      recovery: { p50: at(0.5), p99: at(0.99), worst: at(1) },
      failedRounds: failed,
    },
    undefined,
    2,
  ),
);
process.exit(failed === 0 ? 0 : 1);

type Arguments = { kills: number; seed: number; perRound: number; first: boolean };

function readArguments(args: string[]): Arguments {
  try {
    const { values } = parseArgs({
      args,
      options: {
        kills: { type: "string", default: "100" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
        round: { type: "string", default: "25" },
        first: { type: "boolean", default: false },
      },
    });
    const numbers = {
      kills: Number(values.kills),
      seed: Number(values.seed),
      perRound: Number(values.round),
    };
    if (Object.values(numbers).every((number) => Number.isSafeInteger(number) && number >= 0)) {
      return { ...numbers, first: values.first };
    }
  } catch {
    // An option that is not known.
  }
  console.error(USAGE);
  process.exit(2);
}
