/**
 * Reads Server-Sent Events as the standard has it, to see what an EventSource would dispatch:
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 */

export type ServerSentEvent = {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
};

export class SseReader {
  readonly events: ServerSentEvent[] = [];
  lastEventId = "";
  #text = "";
  #data: string[] = [];
  #type = "";

  /** Takes the next piece; it may end anywhere. */
  add(text: string): void {
    const lines = (this.#text + text).split("\n");
    this.#text = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === "") {
      const { lastEventId } = this;
      if (this.#data.length > 0) {
        this.events.push({
          type: this.#type || "message",
          data: this.#data.join("\n"),
          lastEventId,
        });
      }
      this.#data = [];
      this.#type = "";
      return;
    }
    const [, field = "", value = ""] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    else if (field === "id") this.lastEventId = value;
  }
}
