/**
 * The shapes of bodies and queries, for the description. What a request may hold is what the code
 * checks it with; answers are said here. scripts/openapi.ts makes schemas.ts of them, so that none
 * of this is in the Worker.
 */
import * as v from "valibot";
import { ERRORS, type ErrorCode } from "../../errors.ts";
import { FORMATS } from "../../protocol/format.ts";
import type { Beginning } from "../../room/beginning.ts";
import type { InfoSettings, RoomInfo } from "../../room/info.ts";
import { EventBody } from "../event-body.ts";
import { HistoryQuery } from "../history-query.ts";
import { type Imported, LineBody } from "../import.ts";
import { BatchBody, IfHead, MAX_BATCH } from "../publish-body.ts";
import { SettingsBody } from "../settings-body.ts";
import { MoveBody, SocketsQuery, WhomQuery } from "../sockets-query.ts";

const Offset = v.string();

const Receipt = v.strictObject({
  offset: v.nullable(Offset),
  duplicate: v.optional(v.boolean()),
  ephemeral: v.optional(v.literal(true)),
});

const Entry = v.strictObject({
  offset: Offset,
  time: v.pipe(v.string(), v.isoTimestamp()),
  event: v.union([v.string(), v.number()]),
  args: v.array(v.unknown()),
  namespace: v.string(),
  attachments: v.optional(v.array(v.string())),
  to: v.optional(v.array(v.string())),
  except: v.optional(v.array(v.string())),
});

const ImportAnswer = v.strictObject({
  imported: v.number(),
  duplicates: v.number(),
  head: Offset,
}) satisfies v.GenericSchema<unknown, Imported>;

const Keep = v.strictObject({ days: v.number(), events: v.number(), bytes: v.number() });

const Rate = v.strictObject({ perSecond: v.number(), burst: v.number() });

const Settings = v.strictObject({
  keep: Keep,
  ephemeral: v.array(v.string()),
  namespaces: v.array(v.string()),
  format: v.picklist(FORMATS),
  echo: v.boolean(),
  recovery: v.boolean(),
  presenceGrace: v.number(),
  replayLimit: v.number(),
  storageLimit: v.number(),
  pingInterval: v.number(),
  pingTimeout: v.number(),
  maxPayload: v.number(),
  connectTimeout: v.number(),
  upgradeTimeout: v.number(),
  limits: v.strictObject({
    sockets: v.number(),
    socketsPerIdentity: v.number(),
    handshakes: v.number(),
    handshakesPerAddress: v.number(),
    namespaces: v.number(),
    rooms: v.number(),
    attachments: v.number(),
    page: v.number(),
    packets: Rate,
    emits: Rate,
    roomEmits: Rate,
  }),
}) satisfies v.GenericSchema<unknown, InfoSettings>;

const Member = v.strictObject({
  id: v.string(),
  identity: v.nullable(v.string()),
  data: v.unknown(),
  since: v.pipe(v.string(), v.isoTimestamp()),
  namespace: v.string(),
  transport: v.picklist(["polling", "websocket"]),
  rooms: v.optional(v.array(v.string())),
});

/** By name in the document. */
export const SHAPES = {
  Publish: v.union([
    v.strictObject({ ...EventBody.entries, ifHead: IfHead }),
    v.strictObject({
      ...BatchBody.entries,
      events: v.pipe(v.array(EventBody), v.minLength(1), v.maxLength(MAX_BATCH)),
    }),
  ]),
  Published: v.union([Receipt, v.strictObject({ events: v.array(Receipt) }), ImportAnswer]),
  Line: LineBody,
  HistoryQuery,
  Entry,
  Page: v.strictObject({
    epoch: v.string(),
    first: v.nullable(Offset),
    head: Offset,
    events: v.array(Entry),
    next: v.nullable(Offset),
  }),
  Room: v.strictObject({
    room: v.string(),
    epoch: v.string(),
    first: v.nullable(Offset),
    head: Offset,
    count: v.number(),
    bytes: v.number(),
    sockets: v.number(),
    settings: Settings,
  }) satisfies v.GenericSchema<unknown, RoomInfo>,
  SettingsPatch: SettingsBody,
  Configured: v.strictObject({ settings: Settings }),
  Beginning: v.strictObject({
    epoch: v.string(),
    head: Offset,
  }) satisfies v.GenericSchema<unknown, Beginning>,
  SocketsQuery,
  WhomQuery,
  Sockets: v.strictObject({ sockets: v.array(Member), next: v.optional(v.string()) }),
  Disconnected: v.strictObject({ disconnected: v.number() }),
  Move: MoveBody,
  Moved: v.strictObject({
    sockets: v.array(v.strictObject({ id: v.string(), rooms: v.array(v.string()) })),
  }),
  Health: v.strictObject({ status: v.literal("ok") }),
  // What else belongs to an error stands beside.
  Problem: v.looseObject({
    type: v.string(),
    title: v.string(),
    status: v.number(),
    code: v.picklist(Object.keys(ERRORS) as ErrorCode[]),
    detail: v.string(),
  }),
};
