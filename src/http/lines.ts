/** Text that comes in pieces, line by line. */
import { RelayError } from "../errors.ts";
import { decode } from "./body.ts";

const LINE_FEED = 0x0a;

/**
 * The lines of UTF-8, without their ends; of no line more than `maxChars` is kept. All lines before
 * one that can't be had are.
 * @throws RelayError `too_large`, `invalid_body` (no UTF-8)
 */
export async function* linesOf(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxChars: number,
): AsyncGenerator<string, void> {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let line = "";
  const add = (bytes?: Uint8Array) => {
    line += decode(decoder, bytes);
    if (line.length > maxChars)
      throw new RelayError("too_large", `a line may have ${maxChars} characters`);
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (;;) {
      const end = chunk.indexOf(LINE_FEED, start);
      if (end < 0) break;
      add(chunk.subarray(start, end));
      add();
      yield withoutReturn(line);
      line = "";
      start = end + 1;
    }
    add(chunk.subarray(start));
  }
  add();
  if (line !== "") yield withoutReturn(line);
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
