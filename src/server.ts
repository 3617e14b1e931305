/** `roomlog/server`: what backends hold in their hands, in Node and in Workers alike. */
export type { Scope } from "./auth/scope.ts";
export { createRelayClient, type RelayClient } from "./server/client.ts";
export type { EventsOptions, Feed, FeedItem } from "./server/feed.ts";
export type { ExportedLine, ExportOptions, Imported } from "./server/lines.ts";
export type { RelayClientOptions } from "./server/options.ts";
export type { Published, PublishOptions, RelayEvent } from "./server/publish.ts";
export type { Gap, GapItem, LoggedItem, Page, ReadOptions, StoredEvent } from "./server/read.ts";
export { RelayRequestError } from "./server/request-error.ts";
export type { Member, Moved, RoomState, Wiped } from "./server/room-state.ts";
export { type SigningKey, signToken, type TokenClaims } from "./server/token.ts";
