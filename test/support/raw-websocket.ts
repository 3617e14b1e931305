// A WebSocket that sends what no client library would: any bytes in any frame.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { get, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

const OPCODE = { text: 1, binary: 2, close: 8 } as const;

export class RawWebSocket {
  /** Texts that came. */
  readonly texts: string[] = [];
  /** The code of the close frame; undefined if the connection broke without one. */
  readonly closed: Promise<number | undefined>;
  readonly #stream: Duplex;
  #bytes: Buffer;
  #wake = () => {};
  readonly #ended = Promise.withResolvers<number | undefined>();

  private constructor(stream: Duplex, head: Buffer) {
    this.#stream = stream;
    this.#bytes = head;
    stream.on("data", (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#read();
    });
    // What comes first: the relay's runtime keeps the connection for some time behind its close.
    this.closed = this.#ended.promise;
    stream.on("error", () => {});
    stream.on("close", () => this.#ended.resolve(undefined));
    this.#read();
  }

  /** @param url begins with `http` */
  static async open(url: string): Promise<RawWebSocket> {
    const request = get(url, {
      headers: {
        connection: "upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": randomBytes(16).toString("base64"),
      },
    });
    const [, stream, head]: [IncomingMessage, Duplex, Buffer] = (await once(
      request,
      "upgrade",
    )) as [IncomingMessage, Duplex, Buffer];
    return new RawWebSocket(stream, head);
  }

  /** The next text that begins so. */
  async text(start: string): Promise<string> {
    for (;;) {
      const text = this.texts.shift();
      if (text?.startsWith(start)) return text;
      if (text !== undefined) continue;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  send(kind: keyof typeof OPCODE, payload: Buffer | string): void {
    const bytes = Buffer.from(payload);
    const head = Buffer.alloc(10);
    head[0] = 0x80 | OPCODE[kind];
    head[1] = 0x80 | 127;
    head.writeBigUInt64BE(BigInt(bytes.length), 2);
    // The mask is four zeros, which leave the payload as it is.
    this.#stream.write(Buffer.concat([head, Buffer.alloc(4), bytes]));
  }

  destroy(): void {
    this.#stream.destroy();
  }

  #read(): void {
    for (;;) {
      const frame = takeFrame(this.#bytes);
      if (frame === undefined) return;
      this.#bytes = frame.rest;
      if (frame.opcode === OPCODE.text) this.texts.push(frame.payload.toString());
      if (frame.opcode === OPCODE.close) this.#ended.resolve(frame.payload.readUInt16BE());
      this.#wake();
    }
  }
}

/** The first frame of what a server sent, if it is whole. */
function takeFrame(bytes: Buffer) {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1);
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length =
    short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const end = start + length;
  if (bytes.length < end) return undefined;
  const opcode = bytes.readUInt8(0) & 0x0f;
  return { opcode, payload: bytes.subarray(start, end), rest: bytes.subarray(end) };
}
