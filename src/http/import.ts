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
export const LineBody = v.strictObject({
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
});

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
    for await (const line of linesOf(chunks, MAX_LINE)) await run.take(line);
    return await run.end();
  } catch (error) {
    throw error instanceof RelayError ? run.stoppedBy(error) : error;
  }
}

class Import {
  readonly #publish: Publish;
  #batch: { readonly event: NewEvent; readonly line: number }[] = [];
  #chars = 0;
  /** The line that was taken last; if it is refused, the one at fault. */
  #line = 0;
  #imported = 0;
  #duplicates = 0;

  constructor(publish: Publish) {
    this.#publish = publish;
  }

  async take(text: string): Promise<void> {
    this.#line++;
    if (text.trim() === "") return;
    this.#batch.push({ event: await this.#read(text), line: this.#line });
    this.#chars += text.length;
    if (this.#batch.length >= BATCH.lines || this.#chars >= BATCH.chars) await this.#flush();
  }

  async end(): Promise<Imported> {
    await this.#flush();
    const { head } = await this.#publish({ events: [], logged: true });
    return { imported: this.#imported, duplicates: this.#duplicates, head };
  }

  stoppedBy({ code, message, extra }: RelayError): RelayError {
    const done = { line: this.#line, imported: this.#imported, duplicates: this.#duplicates };
    return new RelayError(code, `line ${this.#line}: ${message}`, { ...extra, ...done });
  }

  /** What stands before a bad line is imported. */
  async #read(text: string): Promise<NewEvent> {
    try {
      return readLine(text);
    } catch (error) {
      const line = this.#line;
      await this.#flush();
      this.#line = line;
      throw error;
    }
  }

  /** Publishes the batch; if it is refused, one by one, to find out where to stop. */
  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    this.#chars = 0;
    if (batch.length === 0) return;
    try {
      await this.#send(batch.map(({ event }) => event));
    } catch (error) {
      if (!(error instanceof RelayError)) throw error;
      this.#line = batch[0]?.line ?? this.#line;
      if (passes(error)) throw error;
      for (const { event, line } of batch) {
        this.#line = line;
        await this.#send([event]);
      }
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

/** Would it be the same for whichever line? */
function passes({ code }: RelayError): boolean {
  const { status } = ERRORS[code];
  return status >= 500 || status === 429;
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
