/** One request to the relay: its address, its key, its time limit, and its failures as one type. */
import { isRoomName } from "../protocol/names.ts";
import { must } from "./must.ts";
import { errorOf, RelayRequestError, UNEXPECTED, UNREACHABLE } from "./request-error.ts";
import { reasonOf } from "./unreachable.ts";

/** How text becomes values, and these text: `JSON`, or what takes more care of numbers. */
export type Json = {
  parse(text: string): unknown;
  stringify(value: unknown): string;
};

export type RequesterOptions = {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string | undefined;
  /** Milliseconds that an answer may take, or the next piece of a stream. */
  readonly timeout: number;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly json: Json;
};

export type Ask = {
  readonly room: string;
  /** Behind the room's address, such as `/events`. */
  readonly path?: string;
  readonly method?: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
};

export class Requester {
  readonly #options: RequesterOptions;

  constructor(options: RequesterOptions) {
    this.#options = options;
  }

  parse(text: string): unknown {
    return this.#options.json.parse(text);
  }

  /** The JSON of a successful answer. @throws RelayRequestError, or the signal's reason */
  async json(ask: Ask): Promise<unknown> {
    const address = this.#addressOf(ask);
    const timeout = AbortSignal.timeout(this.#options.timeout);
    const { response, text } = await this.#reach(ask, timeout, async () => {
      const response = await this.#fetch(address, ask, timeout);
      return { response, text: await response.text() };
    });
    if (!response.ok) throw errorOf(response, text);
    try {
      return this.parse(text);
    } catch {
      throw errorOf(response, text);
    }
  }

  /**
   * A successful answer of this content type as a stream of text. The next piece is asked for when
   * the one before it has been dealt with.
   * @throws RelayRequestError, or the signal's reason
   */
  async *stream(type: string, ask: Ask): AsyncGenerator<string, void, undefined> {
    const address = this.#addressOf(ask);
    const limit = new AbortController();
    const timely = async <T>(step: () => Promise<T>): Promise<T> => {
      const timer = setTimeout(() => limit.abort(), this.#options.timeout);
      try {
        return await this.#reach(ask, limit.signal, step);
      } finally {
        clearTimeout(timer);
      }
    };
    const typed = { ...ask, headers: { ...ask.headers, accept: type } };
    const response = await timely(() => this.#fetch(address, typed, limit.signal));
    if (!response.ok) throw errorOf(response, await timely(() => response.text()));
    const reader = response.body?.getReader();
    try {
      if (!response.headers.get("content-type")?.startsWith(type)) throw notThis(type, response);
      const decoder = new TextDecoder();
      for (;;) {
        const read = await timely(async () => reader?.read());
        if (read === undefined || read.done) return;
        yield decoder.decode(read.value, { stream: true });
      }
    } finally {
      // Of a stream that has failed already, this fails as well.
      await reader?.cancel().catch(() => {});
    }
  }

  /** @throws TypeError, or RelayRequestError for names that can't be a room's: some lead to another address */
  #addressOf({ room, path = "", query = {} }: Ask): string {
    must(typeof room === "string", "room has to be a string");
    if (!isRoomName(room)) {
      const detail = "a room's name is 1 to 128 characters of A-Z a-z 0-9 _ . : ~ -";
      throw new RelayRequestError({ code: "invalid_room", status: 400, detail });
    }
    const address = new URL(`${this.#options.url}/rooms/${room}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) address.searchParams.set(name, String(value));
    }
    return address.href;
  }

  #fetch(address: string, ask: Ask, timeout: AbortSignal): Promise<Response> {
    const { key, fetch } = this.#options;
    const { method = "GET", headers, body, signal } = ask;
    return fetch(address, {
      method,
      // A key goes to nobody but whom it is meant for.
      redirect: "manual",
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      headers: { ...(key !== undefined && { authorization: `Bearer ${key}` }), ...headers },
      ...(body !== undefined && { body }),
    });
  }

  async #reach<T>({ signal }: Ask, timeout: AbortSignal, step: () => Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (cause) {
      signal?.throwIfAborted();
      const why = timeout.aborted ? "no answer in time" : reasonOf(cause);
      const detail = `can't reach ${this.#options.url}: ${why}`;
      throw new RelayRequestError({ code: UNREACHABLE, status: 0, detail, cause });
    }
  }
}

function notThis(type: string, { status }: Response): RelayRequestError {
  const detail = `the server sends no ${type}; it may be an older Roomlog`;
  return new RelayRequestError({ code: UNEXPECTED, status, detail });
}
