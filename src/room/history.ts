/** Reading a room over HTTP: pages of its log, and what it is like. */
import { type Claims, holdsKey, may } from "../auth/access.ts";
import type { LoggedEvent, Read } from "../log/event-log.ts";
import { formatOffset, type GapReason, locate } from "../log/offset.ts";
import { encodeBase64 } from "../protocol/base64.ts";
import { splitFirst } from "../protocol/json-text.ts";
import type { RoomCore } from "./core.ts";
import { extentOf } from "./delivery.ts";

/** Which events to read. Crosses from Worker to object: plain data only. */
export type HistoryRequest = {
  readonly claims: Claims;
  /** Offsets, as the caller wrote them. */
  readonly after?: string | undefined;
  readonly before?: string | undefined;
  readonly order: "asc" | "desc";
  readonly limit: number;
  readonly event?: string | undefined;
  readonly namespace?: string | undefined;
};

type Bounds = { readonly first: string | null; readonly head: string };

export type HistoryResult =
  /** `body` is the answer's JSON text: stored text goes out as it is. */
  | { readonly kind: "page"; readonly body: string }
  | { readonly kind: "forbidden" }
  | ({ readonly kind: "gap"; readonly reason: GapReason } & Bounds);

/** A page stops once it holds so many characters. */
const PAGE_CHARS = 1_000_000;

/** One page of the log, with `next` to go on from, or null where nothing more is. */
export function readHistory(room: RoomCore, name: string, request: HistoryRequest): HistoryResult {
  if (!may(request.claims, "read", name)) return { kind: "forbidden" };
  const { log } = room;
  const after = request.after === undefined ? undefined : locate(request.after, log);
  const before = request.before === undefined ? undefined : locate(request.before, log);
  const bounds = extentOf(log);
  for (const reason of [after, before]) {
    if (typeof reason === "string") return { kind: "gap", reason, ...bounds };
  }

  const { order, limit } = request;
  const query: Read = {
    order,
    limit,
    ...(!holdsKey(request.claims) && { forAll: true }),
    ...(typeof after === "number" && { after }),
    ...(typeof before === "number" && { before }),
    ...(request.event !== undefined && { event: request.event }),
    ...(request.namespace !== undefined && { namespace: request.namespace }),
  };
  const events = log.read({ ...query, maxChars: PAGE_CHARS });
  const last = events.at(-1)?.seq;
  const onward = order === "asc" ? { after: last ?? 0 } : { before: last ?? 0 };
  const more = last !== undefined && log.read({ ...query, ...onward, limit: 1 }).length > 0;
  const next = more ? formatOffset(log.epoch, last) : null;
  const head = JSON.stringify({ epoch: log.epoch, ...bounds }).slice(0, -1);
  const items = events.map((event) => eventJson(event, log.epoch)).join(",");
  return { kind: "page", body: `${head},"events":[${items}],"next":${JSON.stringify(next)}}` };
}

/** The room's state, as `GET /rooms/{room}` tells it. */
export type RoomInfo = Bounds & {
  readonly room: string;
  readonly epoch: string;
  /** Events kept. */
  readonly count: number;
  /** Size of the room's database. */
  readonly bytes: number;
  /** Sockets that have joined. */
  readonly sockets: number;
  /** Times in milliseconds, sizes in bytes. */
  readonly settings: Readonly<Record<string, number>>;
};

export function readInfo(
  room: RoomCore,
  name: string,
  databaseSize: () => number,
  settings: RoomInfo["settings"],
): RoomInfo {
  const { log, sessions } = room;
  let sockets = 0;
  for (const session of sessions) sockets += session.sockets.size;
  return {
    room: name,
    epoch: log.epoch,
    ...extentOf(log),
    count: log.head - log.first + 1,
    bytes: databaseSize(),
    sockets,
    settings,
  };
}

function eventJson(event: LoggedEvent, epoch: string): string {
  const { seq, time, namespace, data, attachments, audience } = event;
  const [name, args] = splitFirst(data);
  const offset = JSON.stringify(formatOffset(epoch, seq));
  const at = JSON.stringify(new Date(time).toISOString());
  const channel = JSON.stringify(namespace);
  const binary =
    attachments.length > 0 ? `,"attachments":${JSON.stringify(attachments.map(encodeBase64))}` : "";
  const whom = audience === null ? "" : `,${JSON.stringify(audience).slice(1, -1)}`;
  return `{"offset":${offset},"time":${at},"event":${name},"args":${args},"namespace":${channel}${binary}${whom}}`;
}
