/** Mistakes in the command line. */

/** Its message is for the user; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** @throws UsageError if there are other arguments than these */
export function exactly<const N extends readonly string[]>(
  positionals: readonly string[],
  ...names: N
): { readonly [I in keyof N]: string } {
  const missing = names[positionals.length];
  if (missing !== undefined) throw new UsageError(`<${missing}> is missing`);
  const [tooMany] = positionals.slice(names.length);
  if (tooMany !== undefined) throw new UsageError(`what is "${tooMany}" for?`);
  return positionals as { readonly [I in keyof N]: string };
}

/** Runs `parseArgs`; what it throws is the user's mistake. */
export function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Node's advice behind the first sentence is for other cases than most.
    throw new UsageError(message.split(/[.\n]/)[0] ?? message);
  }
}
