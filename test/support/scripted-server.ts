// A server that answers as a test says, for what no running relay does on demand.
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";

/** A request, and how it can be answered. */
export type Asked = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
};

export type Answer = (response: ServerResponse, asked: Asked) => unknown;

export class ScriptedServer implements AsyncDisposable {
  readonly url: string;
  /** All requests so far. */
  readonly asked: Asked[] = [];
  readonly #server: Server;

  private constructor(server: Server, answers: Answer[]) {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    this.url = `http://127.0.0.1:${address.port}`;
    this.#server = server;
    server.on("request", async (request: IncomingMessage, response: ServerResponse) => {
      const { pathname, searchParams } = new URL(request.url ?? "", this.url);
      const asked = {
        method: request.method ?? "",
        path: pathname,
        query: searchParams,
        headers: request.headers,
        body: await text(request),
      };
      this.asked.push(asked);
      const answer = answers.shift() ?? problem(500, "out_of_script");
      answer(response, asked);
    });
  }

  /** Answers the first request with the first of `answers`, and so on. */
  static async start(...answers: Answer[]): Promise<ScriptedServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new ScriptedServer(server, answers);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

export function json(body: unknown, status = 200): Answer {
  return (response) =>
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

export function problem(status: number, code: string, extra: object = {}, headers = {}): Answer {
  return (response) =>
    response
      .writeHead(status, { "content-type": "application/problem+json", ...headers })
      .end(JSON.stringify({ type: "t", title: "T", status, code, detail: "why", ...extra }));
}

/** The connection breaks before any answer. */
export const breaks: Answer = (response) => response.destroy();

/** Nothing ever comes. */
export const hangs: Answer = () => {};

/** A stream that ends as it should, or breaks behind `text`. */
export function stream(type: string, text: string, end: "ends" | "breaks" | "hangs"): Answer {
  return (response) => {
    response.writeHead(200, { "content-type": type });
    response.write(text, () => {
      if (end === "ends") response.end();
      if (end === "breaks") response.destroy();
    });
  };
}
