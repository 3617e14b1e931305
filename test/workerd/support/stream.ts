/** An event stream of the Worker's, being read. */
import { exports } from "cloudflare:workers";
import { type ServerSentEvent, SseReader } from "../../support/sse.ts";
import { soon } from "./inbox.ts";
import { ORIGIN } from "./rooms.ts";

export class EventStream {
  readonly response: Response;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #events = new SseReader();

  private constructor(response: Response) {
    if (response.body === null) throw new Error("no body");
    this.response = response;
    this.#reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** @param query with its question mark */
  static async open(
    room: string,
    query = "",
    headers: Record<string, string> = {},
  ): Promise<EventStream> {
    const request = new Request(`${ORIGIN}/rooms/${room}/events${query}`, {
      headers: { accept: "text/event-stream", ...headers },
    });
    const response = await exports.default.fetch(request);
    if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
    return new EventStream(response);
  }

  /** The next messages, as EventSource would dispatch them. */
  async events(count: number): Promise<ServerSentEvent[]> {
    while (this.#events.events.length < count) {
      const { done, value } = await soon(this.#reader.read(), "more of the stream");
      if (done) throw new Error("the stream has ended");
      this.#events.add(value);
    }
    return this.#events.events.splice(0, count);
  }

  /** The next message's type, data and id. */
  async next(): Promise<readonly [type: string, data: unknown, id: string]> {
    const [event] = await this.events(1);
    if (event === undefined) throw new Error("no event");
    return [event.type, JSON.parse(event.data), event.lastEventId];
  }

  async close(): Promise<void> {
    await this.#reader.cancel();
  }
}
