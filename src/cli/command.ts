/** What a command of `roomlog` is. */

export type Context = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by Ctrl-C or SIGTERM: then nothing is waited for any more. */
  readonly signal: AbortSignal;
};

export type Command = {
  /** What it does, in a line. */
  readonly summary: string;
  /** All that `--help` says. */
  readonly help: string;
  /** @throws UsageError, RelayRequestError, or what else went wrong */
  run(args: string[], context: Context): Promise<void>;
};

/**
 * The end of the help text of a command that asks a relay.
 * @param column where its other options are explained
 */
export function relayHelp(column: number): string {
  return `
${"  --url <address>".padEnd(column)}the relay; default: ROOMLOG_URL, or http://localhost:8787

Behind -- nothing is an option, whatever it begins with. ROOMLOG_KEY is the API key or token, where
the relay asks for one.
`;
}
