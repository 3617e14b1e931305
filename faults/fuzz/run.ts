// Runs inputs against a room in plain Node, keeps those that reach something new, and cuts down
// those that find something.
import { type Random, seeded } from "../../test/support/random.ts";
import type { Coverage } from "./coverage.ts";
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

/** One batch in so many is of requests. */
const REQUESTS = 5;

/** Asking what has run takes longer than a batch does: it is done more seldom when nothing is new. */
const SELDOM = 8;

export type Progress = { inputs: number; readonly corpus: Input[] };

/** What comes of these in a new room. */
export async function findIn(batches: readonly Batch[]): Promise<string[]> {
  const world = await World.open();
  for (const batch of batches) {
    await give(world, batch);
    if (world.findings.length > 0) break;
  }
  return world.findings;
}

async function give(world: World, batch: Batch): Promise<void> {
  const packets = batch.filter((input): input is PacketInput => input.kind === "packets");
  const requests = batch.filter((input): input is RequestInput => input.kind === "request");
  if (packets.length > 0) await world.attack(packets);
  if (requests.length > 0) await new Site(world).ask(requests);
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
  let world = await World.open();
  let given: Batch[] = [];
  let unlooked: Input[] = [];
  let patience = 1;
  while (goesOn()) {
    if (given.length >= ROOM) {
      world = await World.open();
      given = [];
    }
    const batch = nextBatch(random, progress);
    given.push(batch);
    progress.inputs += batch.length;
    await give(world, batch);
    const [what] = world.findings;
    if (what !== undefined) return await cutDown(what, given, findIn);
    unlooked.push(...batch);
    if (unlooked.length < patience * BATCH) continue;
    const grew = coverage.grew();
    if (grew) progress.corpus.push(...unlooked);
    unlooked = [];
    patience = grew ? 1 : Math.min(SELDOM, 2 * patience);
  }
  return undefined;
}

function nextBatch(random: Random, { corpus }: Progress): Input[] {
  const kind = random.below(REQUESTS) === 0 ? "request" : "packets";
  const known = corpus.filter((input) => input.kind === kind);
  const fresh = () => (kind === "request" ? randomRequest(random) : randomInput(random));
  const some = () => known[random.below(known.length)] ?? fresh();
  return Array.from({ length: BATCH }, () => {
    if (random.below(3) === 0) return fresh();
    let input = some();
    for (let n = 1 + random.below(3); n > 0; n--) input = mutate(random, input, some());
    return input;
  });
}
