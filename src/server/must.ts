/** For callers whose arguments no compiler has checked. */

/** @throws TypeError with these words */
export function must(holds: boolean, words: string): asserts holds {
  if (!holds) throw new TypeError(words);
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
