/** The relay in the hands of a backend: publish, read, follow, and look after a room. */
import { type EventsOptions, type Feed, live, logged } from "./feed.ts";
import {
  type ExportedLine,
  type ExportOptions,
  exportLines,
  type Imported,
  importLines,
} from "./lines.ts";
import { isObject, must } from "./must.ts";
import {
  isBatch,
  type Published,
  type PublishOptions,
  publishBody,
  type RelayEvent,
} from "./publish.ts";
import { type Page, type ReadOptions, readPage, type WirePage } from "./read.ts";
import type { RelayRequestError } from "./request-error.ts";
import { type Ask, type Json, Requester, type RequesterOptions } from "./requester.ts";
import { type Retries, withRetries } from "./retry.ts";
import type { Member, Moved, RoomState, Wiped } from "./room-state.ts";

export type RelayClientOptions = {
  /** The relay's address, such as `https://relay.example`. */
  readonly url: string;
  /** An API key, or a token of `signToken`. */
  readonly key?: string | undefined;
  /** How often a request is tried again that may succeed later; default 5. */
  readonly retries?: number;
  /** Milliseconds that an answer may take, or the next sign of a live stream; default 30,000. */
  readonly timeout?: number;
  /** Told of each failure that is not the end, and of the milliseconds until the next try. */
  readonly onRetry?: (error: RelayRequestError, pause: number) => void;
  /** Another `fetch`, such as a service binding's. */
  readonly fetch?: RequesterOptions["fetch"];
};

/**
 * All of its methods throw RelayRequestError, the reason of an aborted signal, or TypeError for an
 * argument that they don't take.
 */
export interface RelayClient {
  /**
   * Logs an event and sends it to the room, exactly once however often it had to be tried. A list is
   * logged all or none, one behind the other. With an `ephemeral` one there is only one try.
   */
  publish(room: string, event: RelayEvent, options?: PublishOptions): Promise<Published>;
  publish(
    room: string,
    events: readonly RelayEvent[],
    options?: PublishOptions,
  ): Promise<Published[]>;
  /** One page of the log. An `after` or `before` that is not kept any more is the error `gap`. */
  read(room: string, options?: ReadOptions): Promise<Page>;
  /**
   * The events of the log in order; with `live: true`, then those that come. What is missing is told
   * by an item of kind `gap`, and the events that are kept follow.
   */
  events(room: string, options?: EventsOptions): Feed;
  /**
   * The log up to its present end as lines of JSON, to be kept and imported. Numbers keep all their
   * digits. If events that should come next are not kept any more, it fails with `gap`.
   */
  exportLines(room: string, options?: ExportOptions): AsyncGenerator<ExportedLine, void, undefined>;
  /**
   * Logs exported lines anew, at most 500 and 1,000,000 characters at a time. Lines that were
   * imported before are duplicates, and not logged again.
   */
  importLines(room: string, lines: readonly string[], options?: Cancel): Promise<Imported>;
  /** The room's state. */
  info(room: string, options?: Cancel): Promise<RoomState>;
  /** Who is connected. Takes the scope `presence`. */
  sockets(room: string, options?: Cancel): Promise<Member[]>;
  /** Takes sockets out of the room, by their id or all of an identity. Takes the scope `admin`. */
  disconnect(
    room: string,
    who: string | { readonly identity: string },
    options?: Cancel,
  ): Promise<{ readonly disconnected: number }>;
  /** Puts sockets into rooms, which events can be published `to`. Takes the scope `admin`. */
  move(
    room: string,
    who: string | { readonly identity: string },
    where: { readonly join?: readonly string[]; readonly leave?: readonly string[] },
    options?: Cancel,
  ): Promise<Moved[]>;
  /** Empties the log for good. Takes the scope `admin`. */
  wipe(room: string, options?: Cancel): Promise<Wiped>;
}

type Cancel = { readonly signal?: AbortSignal };

/** @throws TypeError if `url` or `key` is none; it never holds them */
export function createRelayClient(options: RelayClientOptions): RelayClient {
  return clientWith(JSON, options);
}

/** As `createRelayClient`, with another JSON. */
export function clientWith(json: Json, options: RelayClientOptions): RelayClient {
  const url = readUrl(options?.url);
  const { retries = 5, timeout = 30_000, onRetry } = options;
  const requester = new Requester({
    url,
    key: readKey(options.key),
    timeout,
    // Looked up when it is called, and called without a `this`: Workers insist.
    fetch: options.fetch ?? ((url, init) => fetch(url, init)),
    json,
  });
  const policy = (signal: AbortSignal | undefined): Retries => ({ retries, signal, onRetry });
  /** For what may be asked twice. */
  const ask = <T>(what: Ask) =>
    withRetries(() => requester.json(what), policy(what.signal)) as Promise<T>;
  /** For what may not: whether it was done can't be known. */
  const askOnce = <T>(what: Ask) => requester.json(what) as Promise<T>;

  async function publish(
    room: string,
    event: RelayEvent,
    options?: PublishOptions,
  ): Promise<Published>;
  async function publish(
    room: string,
    events: readonly RelayEvent[],
    options?: PublishOptions,
  ): Promise<Published[]>;
  async function publish(
    room: string,
    events: RelayEvent | readonly RelayEvent[],
    options: PublishOptions = {},
  ): Promise<Published | Published[]> {
    const what = {
      room,
      path: "/events",
      method: "POST",
      headers: { "content-type": "application/json" },
      body: publishBody(events, options, json),
      signal: options.signal,
    };
    // Of what is not logged, no key can tell that it was sent already.
    const all = isBatch(events) ? events : [events];
    const send = all.some(({ ephemeral }) => ephemeral) ? askOnce : ask;
    if (!isBatch(events)) return await send<Published>(what);
    return (await send<{ events: Published[] }>(what)).events;
  }

  return {
    publish,
    read: async (room, { signal, ...query } = {}) =>
      readPage(await ask<WirePage>({ room, path: "/events", query, signal })),
    events: (room, options = {}) =>
      (options.live ? live : logged)(requester, room, options, policy(options.signal)),
    exportLines: async function* (room, options = {}) {
      const { signal } = options;
      const { head } = await ask<RoomState>({ room, signal });
      yield* exportLines(requester, room, head, options, policy(signal));
    },
    importLines: (room, lines, { signal } = {}) =>
      importLines(requester, room, lines, policy(signal)),
    info: (room, { signal } = {}) => ask({ room, signal }),
    sockets: async (room, { signal } = {}) => {
      const all: Member[] = [];
      for (let after: string | undefined; ; ) {
        const query = { after };
        const page = await ask<Members>({ room, path: "/sockets", query, signal });
        all.push(...page.sockets);
        if (!page.next) return all;
        after = page.next;
      }
    },
    disconnect: async (room, who, { signal } = {}) =>
      askOnce({ room, ...socketsOf(who), method: "DELETE", signal }),
    move: async (room, who, where, { signal } = {}) => {
      const headers = { "content-type": "application/json" };
      const sockets = socketsOf(who);
      must(isObject(where), "where has to be { join, leave }");
      const body = JSON.stringify(where);
      const what = { room, ...sockets, method: "POST", headers, body, signal };
      return (await ask<{ sockets: Moved[] }>(what)).sockets;
    },
    wipe: (room, { signal } = {}) => askOnce({ room, method: "DELETE", signal }),
  };
}

type Members = { readonly sockets: readonly Member[]; readonly next?: string | null };

/** One by its id, or all of an identity. */
function socketsOf(who: string | { readonly identity: string }): Pick<Ask, "path" | "query"> {
  if (typeof who === "string" && mayBeSocket(who)) {
    return { path: `/sockets/${encodeURIComponent(who)}` };
  }
  const isIdentity = isObject(who) && typeof who.identity === "string" && who.identity !== "";
  must(isIdentity, "who has to be a socket's id, or { identity }");
  return { path: "/sockets", query: { identity: who.identity } };
}

/** In a path, dots lead upwards: to the room itself, whose DELETE empties the log. */
export function mayBeSocket(id: string): boolean {
  return !/^\.{0,2}$/.test(id);
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isRelays = url?.protocol === "http:" || url?.protocol === "https:";
  must(isRelays, "url has to be the relay's, such as https://relay.example");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

/** What can't stand in a header, `fetch` would refuse in words that hold it. */
function readKey(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  // One from a file may have the end of its line behind it.
  const key = typeof text === "string" ? text.trim() : "";
  const words = "key has to be an API key or a token: ASCII characters without spaces";
  must(/^[!-~]+$/.test(key), words);
  return key;
}
