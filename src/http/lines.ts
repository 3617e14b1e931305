/** Text that comes in pieces, line by line. */
import { RelayError } from "../errors.ts";
import { decode } from "./body.ts";

/**
 * The lines of UTF-8, without their ends; of no line more than `maxChars` is kept.
 * @throws RelayError `too_large`, `invalid_body` (no UTF-8)
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxChars: number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line = "";
  for await (const chunk of chunks) {
    const [head = "", ...others] = decode(decoder, chunk).split("\n");
    line += head;
    for (const next of others) {
      yield withoutReturn(line);
      line = next;
    }
    if (line.length > maxChars)
      throw new RelayError("too_large", `a line may have ${maxChars} characters`);
  }
  line += decode(decoder);
  if (line !== "") yield withoutReturn(line);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
