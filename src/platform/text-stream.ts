/** Text made piece by piece, as a stream of bytes: a piece is made when somebody reads it. */
import type { Pieces } from "../room/reading.ts";

/** @param pieces is told by its signal when nobody reads any more */
export function textStream(pieces: Pieces): ReadableStream<Uint8Array> {
  const stop = new AbortController();
  const texts = pieces(stop.signal);
  const encoder = new TextEncoder();
  return new ReadableStream(
    {
      // Only streams of bytes go from an object to its caller.
      type: "bytes",
      async pull(controller) {
        const { done, value } = await texts.next();
        if (!done) return controller.enqueue(encoder.encode(value));
        controller.close();
        controller.byobRequest?.respond(0);
      },
      cancel() {
        stop.abort();
      },
    },
    { highWaterMark: 0 },
  );
}
