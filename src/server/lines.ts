/** A room's log as lines of JSON (NDJSON), out and in: their text is passed on as it is. */
import { parseOffset } from "../log/offset.ts";
import { must, OFFSET, type Shape, SIGNAL, STRINGS } from "./must.ts";
import type { Requester } from "./requester.ts";
import { type Retries, withRetries } from "./retry.ts";
import { unbroken } from "./unbroken.ts";

const NDJSON = "application/x-ndjson";

export type ExportOptions = {
  /** The offset to go on from; default `"0"`, all that is kept. */
  readonly after?: string;
  readonly signal?: AbortSignal;
};

export const EXPORT_OPTIONS: Shape = { after: OFFSET, signal: SIGNAL };

/** An event of the log, as the line that the relay writes for it. */
export type ExportedLine = { readonly offset: string; readonly text: string };

/** What became of imported lines. */
export type Imported = {
  readonly imported: number;
  readonly duplicates: number;
  readonly head: string;
};

/**
 * The log up to `head`, over any number of broken connections.
 * @throws RelayRequestError `gap` if what comes next is not kept any more
 */
export async function* exportLines(
  requester: Requester,
  room: string,
  head: string,
  { after = "0", signal }: ExportOptions,
  retries: Retries,
): AsyncGenerator<ExportedLine, void, undefined> {
  let place = after;
  const open = () => {
    const ask = { room, path: "/events", query: { after: place }, signal };
    return linesOf(requester.stream(NDJSON, ask));
  };
  // A stream may end before all has come, for one because its token has expired.
  const isMissing = (lines: number) => lines > 0 && seqOf(place) < seqOf(head);
  for await (const text of unbroken(open, isMissing, retries)) {
    const { offset } = JSON.parse(text) as { readonly offset: string };
    place = offset;
    yield { offset, text };
  }
}

/** Logs these lines, exactly once however often it has to be tried. */
export async function importLines(
  requester: Requester,
  room: string,
  lines: readonly string[],
  retries: Retries,
): Promise<Imported> {
  const [isStrings, words] = STRINGS;
  must(isStrings(lines), `lines has to be ${words}`);
  const ask = {
    room,
    path: "/events",
    method: "POST",
    headers: { "content-type": NDJSON },
    body: lines.map((line) => `${line}\n`).join(""),
    signal: retries.signal,
  };
  return (await withRetries(() => requester.json(ask), retries)) as Imported;
}

/** What stands behind the last line's end was cut off. */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
  }
}

function seqOf(offset: string): number {
  return parseOffset(offset)?.seq ?? 0;
}
