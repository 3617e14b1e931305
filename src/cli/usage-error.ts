/** A mistake in the command line. Its message is for the user; the exit code is 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
