/** HTTP as a server under test answers it: a status and a body, or a connection that was cut. */
import { request } from "node:http";
import { soon } from "../../workerd/support/inbox.ts";

export type Answer = { readonly status: number; readonly type: string; readonly body: string };

/** An endpoint of Engine.IO: its address up to the query. */
export type Endpoint = string;

export async function ask(
  endpoint: Endpoint,
  query: string,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await soon(fetch(`${endpoint}?${query}`, init), `an answer to ?${query}`);
  const body = await soon(response.text(), `the body of ?${query}`);
  return { status: response.status, type: response.headers.get("content-type") ?? "", body };
}

/** Asks for a WebSocket by hand: the answer to one that is refused; undefined if it opens. */
export function askWebSocket(
  endpoint: Endpoint,
  query: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | undefined>();
  const asked = request(`${endpoint}?${query}`, {
    headers: {
      connection: "Upgrade",
      upgrade: "websocket",
      "sec-websocket-key": "MDEyMzQ1Njc4OWFiY2RlZg==",
      "sec-websocket-version": "13",
      ...headers,
    },
  });
  asked.on("error", reject);
  asked.on("upgrade", (_, socket) => {
    socket.destroy();
    resolve(undefined);
  });
  asked.on("response", (response) => {
    let body = "";
    response.setEncoding("utf8").on("data", (text) => {
      body += text;
    });
    const { statusCode: status = 0, headers } = response;
    response.on("end", () => resolve({ status, type: headers["content-type"] ?? "", body }));
  });
  asked.end();
  return soon(promise, `an answer to the upgrade ?${query}`);
}

/** A POST of which only the first half has been sent. */
export class HalfPost {
  readonly answer: Promise<Answer>;
  readonly #rest: string;
  readonly #request;

  constructor(endpoint: Endpoint, query: string, first: string, rest: string) {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    this.answer = promise;
    // Whoever is asked for it gets to know.
    promise.catch(() => {});
    this.#rest = rest;
    this.#request = request(`${endpoint}?${query}`, {
      method: "POST",
      headers: { "content-type": "text/plain", "content-length": first.length + rest.length },
    });
    this.#request.on("error", reject);
    this.#request.on("response", (response) => {
      let body = "";
      response.setEncoding("utf8").on("data", (text) => {
        body += text;
      });
      const { statusCode: status = 0, headers } = response;
      response.on("end", () => resolve({ status, type: headers["content-type"] ?? "", body }));
      response.on("error", reject);
    });
    this.#request.write(first);
  }

  finish(): void {
    this.#request.end(this.#rest);
  }
}
