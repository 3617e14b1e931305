/** Lines of a stream in batches, as they come: what waits is sent together. */

export type Line = { readonly text: string; readonly number: number };

/** Well under what a request may have (HTTP-3), and what one transaction should. */
const MAX_LINES = 500;
const MAX_CHARS = 1_000_000;

/**
 * Batches of the lines that aren't blank, numbered from 1. A line is given out as soon as it is whole,
 * together with what came with it.
 */
export async function* batches(
  input: AsyncIterable<Uint8Array>,
): AsyncGenerator<Line[], void, undefined> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let rest = "";
  for await (const chunk of input) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* inBatches(lines.map((text) => ({ text, number: ++number })));
  }
  yield* inBatches([{ text: rest + decoder.decode(), number: ++number }]);
}

function* inBatches(lines: readonly Line[]): Generator<Line[], void, undefined> {
  let batch: Line[] = [];
  let chars = 0;
  for (const line of lines) {
    if (line.text.trim() === "") continue;
    if (batch.length === MAX_LINES || (batch.length > 0 && chars + line.text.length > MAX_CHARS)) {
      yield batch;
      batch = [];
      chars = 0;
    }
    batch.push(line);
    chars += line.text.length;
  }
  if (batch.length > 0) yield batch;
}
