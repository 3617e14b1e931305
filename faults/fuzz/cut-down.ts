// Leaves out of a finding what it does not need.
import type { Batch, Input } from "./input.ts";

/** Milliseconds that this may take. */
const PATIENCE = 60_000;

/**
 * @param given all that the room was given, the finding's batch last
 * @param findIn what comes of batches in a new room
 */
export async function cutDown(
  what: string,
  given: readonly Batch[],
  findIn: (batches: readonly Batch[]) => Promise<string[]>,
): Promise<{ what: string; batches: readonly Batch[] }> {
  const kind = kindOf(what);
  const until = performance.now() + PATIENCE;
  const shows = async (batches: readonly Batch[]) =>
    performance.now() < until && (await findIn(batches)).some((found) => kindOf(found) === kind);
  // Seldom does it take what the room was given before.
  const alone = given.slice(-1);
  let batches = (await shows(alone)) ? alone : given;
  if (batches === given && !(await shows(given))) {
    return { what: `${what} (which did not happen again)`, batches };
  }
  batches = await fewest(batches, shows);
  for (const [at, batch] of batches.entries()) {
    const showsWith = (inputs: readonly Input[]) => shows(batches.with(at, inputs));
    let inputs = await fewest(batch, showsWith);
    for (const [n, input] of inputs.entries()) {
      if (input.kind === "request") continue;
      const steps = await fewest(input.steps, (fewer) =>
        showsWith(inputs.with(n, { ...input, steps: fewer })),
      );
      inputs = inputs.with(n, { ...input, steps });
    }
    batches = batches.with(at, inputs);
  }
  return { what, batches };
}

/** As few of `items` as still show it: halves are tried first, then ever smaller parts. */
async function fewest<T>(
  items: readonly T[],
  shows: (items: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let kept = items;
  for (let size = Math.ceil(items.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let at = 0; at < kept.length && kept.length > 1; ) {
      const fewer = kept.toSpliced(at, size);
      if (fewer.length > 0 && (await shows(fewer))) kept = fewer;
      else at += size;
    }
  }
  return kept;
}

/** What was found, without the particulars. */
function kindOf(what: string): string {
  return what.replace(/["\d].*/s, "").slice(0, 60);
}
