/** A room as the Worker sees it, wherever its object runs. */
import type { Claims } from "../auth/access.ts";
import type { Beginning } from "../room/beginning.ts";
import type { HistoryRequest, HistoryResult } from "../room/history.ts";
import type { InfoSettings, RoomInfo } from "../room/info.ts";
import type { PublishRequest, PublishResult } from "../room/publish.ts";
import type {
  DisconnectRequest,
  DisconnectResult,
  MoveRequest,
  MoveResult,
  SocketsRequest,
  SocketsResult,
} from "../room/sockets.ts";
import type { StreamRequest, StreamResult } from "../room/streams.ts";
import type { SettingsPatch } from "../settings.ts";

export interface RoomStub {
  /** An Engine.IO request, answered as it is: a 101 keeps its socket. */
  fetch(request: Request): Promise<Response>;
  publish(request: PublishRequest): Promise<PublishResult>;
  history(request: HistoryRequest): Promise<HistoryResult>;
  listSockets(request: SocketsRequest): Promise<SocketsResult>;
  disconnectSockets(request: DisconnectRequest): Promise<DisconnectResult>;
  moveSockets(request: MoveRequest): Promise<MoveResult>;
  stream(request: StreamRequest): Promise<StreamResult<ReadableStream<Uint8Array>>>;
  /** Undefined if the claims do not allow reading. */
  info(claims: Claims): Promise<RoomInfo | undefined>;
  /** Undefined if the claims do not allow it; so `renew`. */
  configure(claims: Claims, patch: SettingsPatch): Promise<InfoSettings | undefined>;
  renew(claims: Claims, keep: boolean): Promise<Beginning | undefined>;
  /** What it has counted, in Prometheus' format; undefined if the claims are not an admin's. */
  metrics(claims: Claims): Promise<string | undefined>;
}
