/** The relay in the hands of a backend: publish, read, follow, and look after a room. */
import { EVENTS_OPTIONS, type EventsOptions, type Feed, live, logged } from "./feed.ts";
import {
  EXPORT_OPTIONS,
  type ExportedLine,
  type ExportOptions,
  exportLines,
  type Imported,
  importLines,
} from "./lines.ts";
import { isObject, must, mustBe, type Shape, SIGNAL, STRING, STRINGS } from "./must.ts";
import { type RelayClientOptions, readOptions } from "./options.ts";
import {
  isBatch,
  PUBLISH_OPTIONS,
  type Published,
  type PublishOptions,
  publishBody,
  type RelayEvent,
} from "./publish.ts";
import { type Page, READ_OPTIONS, type ReadOptions, readPage, type WirePage } from "./read.ts";
import { type Ask, type Json, Requester } from "./requester.ts";
import { type Retries, withRetries } from "./retry.ts";
import type { Member, Moved, RoomState, Wiped } from "./room-state.ts";

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

const CANCEL: Shape = { signal: SIGNAL };
const WHO: Shape = { identity: STRING };
const WHERE: Shape = { join: STRINGS, leave: STRINGS };

/** @throws TypeError if an option is none, such as `url` or `key`; it never holds them */
export function createRelayClient(options: RelayClientOptions): RelayClient {
  return clientWith(JSON, options);
}

/** As `createRelayClient`, with another JSON. */
export function clientWith(json: Json, options: RelayClientOptions): RelayClient {
  const { retries, onRetry, ...others } = readOptions(options);
  const requester = new Requester({ ...others, json });
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
    mustBe(PUBLISH_OPTIONS, options, "options");
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
    read: async (room, options = {}) => {
      mustBe(READ_OPTIONS, options, "options");
      const { signal, ...query } = options;
      return readPage(await ask<WirePage>({ room, path: "/events", query, signal }));
    },
    events: async function* (room, options = {}) {
      mustBe(EVENTS_OPTIONS, options, "options");
      const feed = options.live ? live : logged;
      yield* feed(requester, room, options, policy(options.signal));
    },
    exportLines: async function* (room, options = {}) {
      mustBe(EXPORT_OPTIONS, options, "options");
      const { signal } = options;
      const { head } = await ask<RoomState>({ room, signal });
      yield* exportLines(requester, room, head, options, policy(signal));
    },
    importLines: async (room, lines, options) =>
      importLines(requester, room, lines, policy(signalOf(options))),
    info: async (room, options) => ask({ room, signal: signalOf(options) }),
    sockets: async (room, options) => {
      const signal = signalOf(options);
      const all: Member[] = [];
      for (let after: string | undefined; ; ) {
        const query = { after };
        const page = await ask<Members>({ room, path: "/sockets", query, signal });
        all.push(...page.sockets);
        if (!page.next) return all;
        after = page.next;
      }
    },
    disconnect: async (room, who, options) =>
      askOnce({ room, ...socketsOf(who), method: "DELETE", signal: signalOf(options) }),
    move: async (room, who, where, options) => {
      const signal = signalOf(options);
      const headers = { "content-type": "application/json" };
      const sockets = socketsOf(who);
      mustBe(WHERE, where, "where");
      const body = JSON.stringify(where);
      const what = { room, ...sockets, method: "POST", headers, body, signal };
      return (await ask<{ sockets: Moved[] }>(what)).sockets;
    },
    wipe: async (room, options) => askOnce({ room, method: "DELETE", signal: signalOf(options) }),
  };
}

function signalOf(options: Cancel = {}): AbortSignal | undefined {
  mustBe(CANCEL, options, "options");
  return options.signal;
}

type Members = { readonly sockets: readonly Member[]; readonly next?: string | null };

/** One by its id, or all of an identity. */
function socketsOf(who: string | { readonly identity: string }): Pick<Ask, "path" | "query"> {
  if (typeof who === "string" && mayBeSocket(who)) {
    return { path: `/sockets/${encodeURIComponent(who)}` };
  }
  const isIdentity = isObject(who) && typeof who.identity === "string" && who.identity !== "";
  must(isIdentity, "who has to be a socket's id, or { identity }");
  mustBe(WHO, who, "who");
  return { path: "/sockets", query: { identity: who.identity } };
}

/** In a path, dots lead upwards: to the room itself, whose DELETE empties the log. */
export function mayBeSocket(id: string): boolean {
  return !/^\.{0,2}$/.test(id);
}
