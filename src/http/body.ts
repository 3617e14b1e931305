/** Reads request bodies, never more than is allowed. */
import { RelayError } from "../errors.ts";

/** The next bytes of a body have to come within so many milliseconds. */
const STALLED = 10_000;

/** A body that is too large, but says that it has no more bytes than this, is taken before it is refused. */
const MOST_DROPPED = 16_000_000;

/**
 * The body as text.
 * @param maxBytes reading stops beyond so many
 * @throws RelayError `too_large`, `unsupported_media_type` (compressed), `invalid_body` (no UTF-8, or
 * broken off), `body_timeout`
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  assertUncompressed(request);
  const tooLarge = () => new RelayError("too_large", `a body may have ${maxBytes} bytes`);
  const announced = Number(request.headers.get("content-length") ?? 0);
  if (announced > maxBytes) {
    if (announced <= MOST_DROPPED) await drop(request);
    throw tooLarge();
  }
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let bytes = 0;
  if (request.body === null) return text;
  for await (const chunk of chunksOf(request.body)) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

/**
 * Takes a body and forgets it, for 20 s at most: a client that still sends when the answer comes
 * often finds a broken connection instead.
 */
async function drop({ body }: Request): Promise<void> {
  if (body === null) return;
  const end = Date.now() + STALLED;
  try {
    for await (const _ of chunksOf(body)) if (Date.now() > end) return;
  } catch {
    // It is refused anyway.
  }
}

/**
 * What is not read to its end, for whatever reason, is cancelled.
 * @throws RelayError `invalid_body` (broken off), `body_timeout`
 */
export async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await inTime(reader.read().catch(brokenOff));
      if (done) return;
      yield value;
    }
  } finally {
    // Not awaited: whoever sends nothing may not take this either.
    void reader.cancel().catch(() => {});
  }
}

/** Its sender is gone, or its chunks are none (RFC 9112 §7.1). */
function brokenOff(): never {
  throw new RelayError("invalid_body", "the body broke off");
}

async function inTime<T>(work: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new RelayError("body_timeout", "the rest of the body did not come"));
  }, STALLED);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** @throws RelayError `unsupported_media_type` */
export function assertUncompressed(request: Request): void {
  if (!request.headers.has("content-encoding")) return;
  throw new RelayError("unsupported_media_type", "send the body without Content-Encoding");
}

/** @throws RelayError `invalid_body` */
export function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new RelayError("invalid_body", "the body is not UTF-8");
  }
}
