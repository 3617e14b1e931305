// Runs inputs against a room in plain Node, keeps those that reach something new, and cuts down
// those that find something.
import { type Random, seeded } from "../../test/support/random.ts";
import type { Coverage } from "./coverage.ts";
import type { Anonymous } from "./credentials.ts";
import { cutDown } from "./cut-down.ts";
import { randomInput } from "./grammar.ts";
import type { Batch, Finding, Input, PacketInput, RequestInput } from "./input.ts";
import { mutate } from "./mutate.ts";
import { randomRequest } from "./request-grammar.ts";
import { Site } from "./site.ts";
import { World } from "./world.ts";

/** So many attack a room at once. */
const BATCH = 32;

/** A room serves so many batches, then comes another: its log grows. */
const ROOM = 60;

/** One batch in so many is of requests, but for a few clients that are there meanwhile. */
const REQUESTS = 7;
const BESIDE = 6;

/** Room after room: how open they are. */
const OPEN = ["write", "write", "read", "write", "none"] as const;

/** Asking what has run takes longer than a batch does: it is done more seldom when nothing is new. */
const SELDOM = 16;

export type Progress = { inputs: number; readonly corpus: Input[] };

/** What comes of these in a new room. */
export async function findIn(batches: readonly Batch[], anonymous: Anonymous): Promise<string[]> {
  const world = await World.open(anonymous);
  for (const batch of batches) {
    await give(world, batch);
    if (world.findings.length > 0) break;
  }
  return world.findings;
}

async function give(world: World, batch: Batch): Promise<void> {
  const packets = batch.filter((input): input is PacketInput => input.kind === "packets");
  const requests = batch.filter((input): input is RequestInput => input.kind === "request");
  const site = requests.length > 0 ? new Site(world) : undefined;
  await site?.open();
  const beside = (round: number, rounds: number) =>
    site?.send(requests.filter((_, i) => i % rounds === round));
  await world.attack(packets, site && beside);
  await site?.close();
  await world.judge();
}

/**
 * Gives rooms inputs for as long as `goesOn`.
 * @returns the first finding, cut down
 */
export async function fuzz(
  seed: number,
  coverage: Coverage,
  progress: Progress,
  goesOn: () => boolean,
): Promise<Finding | undefined> {
  const random = seeded(seed);
  let rooms = 0;
  let anonymous: Anonymous = OPEN[0];
  let world = await World.open(anonymous);
  let given: Batch[] = [];
  let unlooked: Input[] = [];
  let patience = 1;
  while (goesOn()) {
    if (given.length >= ROOM) {
      anonymous = OPEN[++rooms % OPEN.length] ?? OPEN[0];
      world = await World.open(anonymous);
      given = [];
    }
    const batch = nextBatch(random, progress);
    given.push(batch);
    progress.inputs += batch.length;
    await give(world, batch);
    const [what] = world.findings;
    if (what !== undefined) {
      const again = (batches: readonly Batch[]) => findIn(batches, anonymous);
      return { anonymous, ...(await cutDown(what, given, again)) };
    }
    unlooked.push(...batch);
    if (unlooked.length < patience * BATCH) continue;
    const grew = coverage.grew();
    if (grew) progress.corpus.push(...unlooked);
    unlooked = [];
    patience = grew ? Math.ceil(patience / 2) : Math.min(SELDOM, 2 * patience);
  }
  return undefined;
}

function nextBatch(random: Random, { corpus }: Progress): Input[] {
  if (random.below(REQUESTS) > 0) return inputsOf("packets", BATCH, random, corpus);
  return [
    ...inputsOf("request", BATCH - BESIDE, random, corpus),
    ...inputsOf("packets", BESIDE, random, corpus),
  ];
}

function inputsOf(
  kind: Input["kind"],
  count: number,
  random: Random,
  corpus: readonly Input[],
): Input[] {
  const known = corpus.filter((input) => input.kind === kind);
  const fresh = () => (kind === "request" ? randomRequest(random) : randomInput(random));
  const some = () => known[random.below(known.length)] ?? fresh();
  return Array.from({ length: count }, () => {
    if (random.below(kind === "request" ? 2 : 3) === 0) return fresh();
    let input = some();
    for (let n = 1 + random.below(3); n > 0; n--) input = mutate(random, input, some());
    return input;
  });
}
