// `npm run smoke`: drives a running relay with the stock client, and says what it measured.
import { parseArgs } from "node:util";
import { scenarios } from "../test/smoke/scenarios/index.ts";

const USAGE = `Drives a running relay with the stock Socket.IO client and checks what it promises.

  npm run smoke -- [options]

  --url <address>   of the relay (default http://localhost:8787), open to everyone
  --seed <number>   repeats the random choices of an earlier run
`;

const { url, seed } = readArguments(process.argv.slice(2));
console.log(`Smoke test of ${url}, seed ${seed}`);
await fetch(`${url}/healthz`).catch(() => {
  console.error("No relay answers there. Start one (npm start), or name another one with --url.");
  process.exit(1);
});

let failed = 0;
for (const { name, promise, run } of scenarios) {
  console.log(`\n${name}: ${promise} …`);
  try {
    const figures = Object.entries(await run(url, seed));
    console.log(`  ok: ${figures.map(([figure, value]) => `${figure} ${value}`).join(", ")}`);
  } catch (error) {
    failed++;
    console.error(`  FAILED: ${error instanceof Error ? error.message : error}`);
    // A violation speaks for itself; anything else is a surprise.
    if (error instanceof Error && error.name !== "Violation") console.error(error.stack);
  }
}
console.log(`\n${scenarios.length - failed} passed, ${failed} failed (seed ${seed})`);
// Not by process.exitCode: whatever a failed scenario left open must not keep this running.
process.exit(failed === 0 ? 0 : 1);

function readArguments(args: string[]): { url: string; seed: number } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        url: { type: "string", default: "http://localhost:8787" },
        seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
      },
    });
    const url = new URL(values.url);
    if (url.protocol !== "http:") throw new Error("The proxy that cuts connections needs http:");
    if (!/^\d+$/.test(values.seed)) throw new Error(`Not a seed: ${values.seed}`);
    return { url: url.origin, seed: Number(values.seed) };
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    process.exit(2);
  }
}
