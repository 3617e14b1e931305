/** The relay that a command talks to. */
import { clientWith } from "../server/client.ts";
import type { RelayClient } from "../server.ts";
import type { Context } from "./command.ts";
import { json } from "./json.ts";
import { tell } from "./output.ts";
import { UsageError } from "./usage-error.ts";

const LOCAL = "http://localhost:8787";

/** For `parseArgs`. */
export const RELAY_OPTIONS = { url: { type: "string" } } as const;

/**
 * The relay of `--url` or the environment. The key is never an argument: those can be seen by
 * everybody on the machine.
 */
export function relayOf(values: { url?: string | undefined }, { env }: Context): RelayClient {
  const url = values.url ?? env.ROOMLOG_URL ?? LOCAL;
  try {
    return clientWith(json, { url, key: env.ROOMLOG_KEY || undefined, onRetry: reporter() });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Says once why it is being tried again, not each time. */
function reporter() {
  let said = "";
  return ({ detail }: { readonly detail: string }) => {
    if (detail !== said) tell(`${detail}; trying again …`);
    said = detail;
  };
}
