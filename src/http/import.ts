/** A log's lines, published again in the order in which they come (HTTP-12). */
import * as v from "valibot";
import { ERRORS, RelayError } from "../errors.ts";
import { parseOffset } from "../log/offset.ts";
import type { PublishRequest } from "../room/publish.ts";
import { assertUncompressed, chunksOf } from "./body.ts";
import { check } from "./check.ts";
import { EventBody, type NewEvent, toEvent } from "./event-body.ts";
import { parseExactJson } from "./json-body.ts";
import { linesOf } from "./lines.ts";
import type { Published } from "./publish-answer.ts";

export const LINES_TYPE = "application/x-ndjson";

/** A batch ends after so many lines, or characters. */
const BATCH = { lines: 500, chars: 1_000_000 };

/** More than any event of the log can have, its attachments as base64 included. */
const MAX_LINE = 5_000_000;

const { ephemeral: _, ...entries } = EventBody.entries;

/** An entry of the log, as HTTP-4 and HTTP-11 tell it, or an event of HTTP-1 that has a key. */
export const LineBody = v.strictObject(
  {
    ...entries,
    // Socket.IO's clients may emit numbers.
    event: v.union([entries.event, v.pipe(v.number(), v.finite())], "is no event's name"),
    offset: v.optional(
      v.pipe(
        v.string("has to be a string"),
        v.check((offset: string) => parseOffset(offset)?.epoch !== undefined, "is not an offset"),
      ),
    ),
    time: v.optional(v.string("has to be a string")),
  },
  "it has to be an object",
);

/** What an import came to. */
export type Imported = {
  readonly imported: number;
  readonly duplicates: number;
  /** Undefined if the room's object is of an older version. */
  readonly head: string | undefined;
};

type Publish = (request: Omit<PublishRequest, "claims">) => Promise<Published>;

/**
 * Publishes the lines of a body, in batches that are each all or none. The same lines again are
 * duplicates, for as long as their keys are remembered.
 * @throws RelayError with the `line` at which it stopped, and what was imported before
 */
export async function importLines(request: Request, publish: Publish): Promise<Imported> {
  assertUncompressed(request);
  const run = new Import(publish);
  try {
    const chunks = request.body === null ? [] : chunksOf(request.body);
    return await run.all(linesOf(chunks, MAX_LINE));
  } catch (error) {
    throw error instanceof LineError ? run.stoppedBy(error) : error;
  }
}

/** A line that can't be had, or is refused: all before it are in. */
class LineError extends Error {
  readonly line: number;
  readonly refusal: RelayError;

  constructor(line: number, refusal: RelayError) {
    super();
    this.line = line;
    this.refusal = refusal;
  }
}

class Import {
  readonly #publish: Publish;
  #batch: { readonly event: NewEvent; readonly line: number }[] = [];
  #chars = 0;
  /** How many lines were read. */
  #read = 0;
  #imported = 0;
  #duplicates = 0;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  /** @throws LineError */
  async all(lines: AsyncIterable<string>): Promise<Imported> {
    try {
      for await (const line of lines) await this.#take(line);
      await this.#flush();
      const { head } = await this.#publish({ events: [], logged: true });
      return { imported: this.#imported, duplicates: this.#duplicates, head };
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      // What stands before the one that could not be read is not its fault.
      await this.#flush();
      throw new LineError(this.#read + 1, error);
    }
  }

  stoppedBy({ line, refusal: { code, message, extra } }: LineError): RelayError {
    const done = { line, imported: this.#imported, duplicates: this.#duplicates };
    return new RelayError(code, `line ${line}: ${message}`, { ...extra, ...done });
  }

  async #take(text: string): Promise<void> {
    const line = this.#read + 1;
    if (text.trim() !== "") {
      this.#batch.push({ event: readLine(text), line });
      this.#chars += text.length;
    }
    this.#read = line;
    if (this.#batch.length >= BATCH.lines || this.#chars >= BATCH.chars) await this.#flush();
  }

  /**
   * Publishes the batch; if it is refused, one by one, to find out where to stop.
   * @throws LineError
   */
  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#chars = 0;
    const [first] = batch;
    if (first === undefined) return;
    try {
      await this.#send(batch.map(({ event }) => event));
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      if (passes(error)) throw new LineError(first.line, error);
      for (const { event, line } of batch) await this.#send([event]).catch(stoppedAt(line));
    }
  }

  async #send(events: readonly NewEvent[]): Promise<void> {
    const published = await this.#publish({ events, logged: true });
    for (const event of published.events) {
      if ("duplicate" in event && event.duplicate) this.#duplicates++;
      else this.#imported++;
    }
  }
}

function stoppedAt(line: number): (error: unknown) => never {
  return (error) => {
    throw error instanceof RelayError ? new LineError(line, error) : error;
  };
}

/** Would it be the same for whichever line? */
function passes({ code }: RelayError): boolean {
  const { status } = ERRORS[code];
  return status >= 500 || status === 429 || status === 401;
}

/** @throws RelayError */
function readLine(text: string): NewEvent {
  const {
    offset,
    time: _,
    idempotencyKey,
    ...line
  } = check(LineBody, parseExactJson(text), "invalid_event");
  // From the offset, so that the same file again is the same events.
  const key = idempotencyKey ?? (offset && `import:${offset}`);
  if (key === undefined) {
    throw new RelayError("invalid_event", "it has neither an offset nor an idempotencyKey");
  }
  return toEvent({ ...line, ephemeral: false, idempotencyKey: key }, "");
}
