/** How the model's runs are repeated: by the seed and the path that a failure prints. */
import type { Parameters } from "fast-check";

export type ModelSettings = {
  readonly MODEL_SEED?: string | undefined;
  readonly MODEL_PATH?: string | undefined;
  readonly MODEL_RUNS?: string | undefined;
  /** `no` shows the first failure as it is, which is quicker. */
  readonly MODEL_SHRINK?: string | undefined;
};

/** @param runs how many there are unless somebody asks for more or fewer */
export function parametersOf(
  { MODEL_SEED, MODEL_PATH, MODEL_RUNS, MODEL_SHRINK }: ModelSettings,
  runs: number,
): Parameters<unknown> & { readonly numRuns: number } {
  return {
    // Else many histories are too short to tell anything.
    unbiased: true,
    numRuns: MODEL_PATH === undefined ? Number(MODEL_RUNS ?? runs) : 1,
    ...(MODEL_SHRINK === "no" && { endOnFailure: true }),
    ...(MODEL_SEED !== undefined && { seed: Number(MODEL_SEED) }),
    ...(MODEL_PATH !== undefined && { path: MODEL_PATH }),
  };
}
