/** Reads request bodies, never more than is allowed. */
import { RelayError } from "../errors.ts";

/**
 * The text of a JSON body.
 * @throws RelayError as `readText`, and `unsupported_media_type` for what is not said to be JSON
 */
export async function readJson(request: Request, maxBytes: number): Promise<string> {
  const type = request.headers.get("content-type")?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new RelayError("unsupported_media_type", "send content-type: application/json");
  }
  return await readText(request, maxBytes);
}

/**
 * The body as text.
 * @param maxBytes reading stops beyond so many
 * @throws RelayError `too_large`, `unsupported_media_type` (compressed), `invalid_body` (no UTF-8)
 */
export async function readText(request: Request, maxBytes: number): Promise<string> {
  if (request.headers.has("content-encoding")) {
    throw new RelayError("unsupported_media_type", "send the body without Content-Encoding");
  }
  const tooLarge = () => new RelayError("too_large", `a body may have ${maxBytes} bytes`);
  if (Number(request.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  let bytes = 0;
  if (request.body === null) return text;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    text += decode(decoder, chunk);
  }
  return text + decode(decoder);
}

function decode(decoder: TextDecoder, chunk?: Uint8Array): string {
  try {
    return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
  } catch {
    throw new RelayError("invalid_body", "the body is not UTF-8");
  }
}
