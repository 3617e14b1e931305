/**
 * The relay's log: one line of JSON for each thing that an operator may want to know of. It never
 * holds a token, a key, a client's id or what an event says. Of an error it holds the name and the
 * place, and the message only where the deployment wants it: that may quote any of them.
 */

export type Level = "info" | "warn" | "error";

/** What happened, and to which room. */
export type Line = {
  readonly level: Level;
  readonly event: string;
  readonly room?: string;
  readonly [field: string]: string | number | boolean | undefined;
};

/** So many of the calls that led to an error are told. */
const PLACES = 5;

/** Writes a line to the Worker's log. */
export function writeLine({ level, ...line }: Line): void {
  const text = JSON.stringify({ level, ...line });
  if (level === "error") console.error(text);
  else if (level === "warn") console.warn(text);
  else console.log(text);
}

/**
 * What may be told of an error: its class, SQLite's code, where it came from, and the same of its cause.
 * @param withMessage what it says, too
 */
export function describeError(
  error: unknown,
  withMessage = false,
): Record<string, string | undefined> {
  if (!(error instanceof Error)) {
    return { error: typeof error, ...(withMessage && { message: String(error) }) };
  }
  const { cause, message, stack = "" } = error;
  // A name can be set to anything; a class's is in the code.
  const described = {
    error: error.constructor.name,
    ...(withMessage && { message }),
    sqlite: /\bSQLITE_[A-Z_]+\b/.exec(message)?.[0],
    at: placesOf(stack.slice(stack.indexOf(message) + message.length)),
  };
  if (cause === undefined) return described;
  const deeper = describeError(cause);
  return { ...described, sqlite: described.sqlite ?? deeper.sqlite, cause: deeper.error };
}

/** The lines that name a place. */
function placesOf(stack: string): string {
  const places = stack.split("\n").map((line) => /^ {4}at (.*:\d+:\d+\)?)$/.exec(line)?.[1]);
  return places
    .filter((place) => place !== undefined)
    .slice(0, PLACES)
    .join(" < ");
}
