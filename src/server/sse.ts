/**
 * Reads a stream of Server-Sent Events. Source: WHATWG HTML, "Server-sent events", "Interpreting an
 * event stream".
 */

export type SseMessage = {
  /** The type, `message` by default. */
  readonly event: string;
  readonly data: string;
  /** The last id so far, of this message or of one before it. */
  readonly id: string;
};

/** An id that came without data: no message, but where to go on from. */
export type SsePlace = { readonly id: string };

/** @param pieces text of the stream, cut anywhere */
export async function* readSse(
  pieces: AsyncIterable<string>,
): AsyncGenerator<SseMessage | SsePlace, void, undefined> {
  let event = "";
  let data: string[] = [];
  let id = "";
  let told = "";
  for await (const line of linesOf(pieces)) {
    if (line === "") {
      if (data.length > 0) yield { event: event || "message", data: data.join("\n"), id };
      else if (id !== told) yield { id };
      told = id;
      event = "";
      data = [];
      continue;
    }
    const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? [];
    if (field === "event") event = value;
    else if (field === "data") data.push(value);
    else if (field === "id" && !value.includes("\0")) id = value;
  }
  // What has no blank line behind it was cut off, and is no message.
}

/**
 * Lines end with CR, LF or both; what stands behind the last end is none. A byte order mark is
 * gone already: TextDecoder drops it.
 */
async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = "";
  let afterCr = false;
  for await (const piece of pieces) {
    if (piece === "") continue;
    // The LF of a CR LF whose CR ended the piece before.
    const text = rest + (afterCr && piece.startsWith("\n") ? piece.slice(1) : piece);
    afterCr = piece.endsWith("\r");
    const lines = text.split(/\r\n|\r|\n/);
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
