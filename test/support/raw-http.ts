// HTTP as no library would write it: bytes go out as they are, and what comes back is shown.
import { connect, type Socket } from "node:net";

export type RawAnswer = {
  readonly status: number;
  /** Status line and headers, in lower case. */
  readonly head: string;
  /** What has come behind the head so far. */
  readonly body: string;
};

/** Whoever waits longer than this has found a bug. */
const PATIENCE = 5_000;

/** The lines of a request's head, with the header that each needs. */
export function head(line: string, ...headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, "Host: relay.example", ...headers].join("\r\n")}\r\n\r\n`;
}

/** A request that says no more than this: a GET, or one whose body is not to end. */
export class RawRequest {
  readonly #socket: Socket;
  #received = Buffer.alloc(0);
  #ended = false;
  #wake = () => {};

  /** @param url the relay's, which listens on this machine */
  constructor(url: string, ...parts: readonly (string | Buffer)[]) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    // The server may close while more is being written.
    this.#socket.on("error", () => {});
    this.#socket.on("close", () => {
      this.#ended = true;
      this.#wake();
    });
    this.send(...parts);
  }

  send(...parts: readonly (string | Buffer)[]): void {
    for (const part of parts) this.#socket.write(part);
  }

  /** The client is gone. */
  destroy(): void {
    this.#socket.destroy();
  }

  /** The answer; of a body without a length what has come until the connection was closed. */
  async answer(): Promise<RawAnswer> {
    await this.#until(() => this.#whole !== undefined || this.#ended, "an answer");
    if (this.#whole === undefined) throw new Error(`no answer: ${this.#received}`);
    return this.#whole;
  }

  /** Waits until the server has sent this. */
  async sees(text: string): Promise<void> {
    await this.#until(() => this.#received.includes(text), text);
  }

  get #whole(): RawAnswer | undefined {
    const end = this.#received.indexOf("\r\n\r\n");
    if (end < 0) return undefined;
    const head = this.#received.subarray(0, end).toString("latin1").toLowerCase();
    const body = this.#received.subarray(end + 4);
    const length = /^content-length: (\d+)$/m.exec(head)?.[1];
    const status = Number(head.split(" ")[1]);
    const whole = status === 101 || (length !== undefined && body.length >= Number(length));
    return whole || this.#ended ? { status, head, body: body.toString() } : undefined;
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    const late = setTimeout(() => reject(new Error(`waited for ${what}`)), PATIENCE);
    try {
      while (!holds()) {
        const news = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        await Promise.race([news, promise]);
      }
    } finally {
      clearTimeout(late);
    }
  }
}

/** What a request is answered; its connection is closed then. */
export async function ask(url: string, ...parts: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const request = new RawRequest(url, ...parts);
  try {
    return await request.answer();
  } finally {
    request.destroy();
  }
}
