/** A room as the Worker sees it, wherever its object runs. */
import type { Claims } from "../auth/access.ts";
import type { Beginning } from "../room/beginning.ts";
import type { HistoryRequest, HistoryResult } from "../room/history.ts";
import type { InfoSettings, RoomInfo } from "../room/info.ts";
import type { PublishRequest, PublishResult } from "../room/publish.ts";
import type { Answer } from "../room/rights.ts";
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
  info(claims: Claims): Promise<Answer<RoomInfo>>;
  configure(claims: Claims, patch: SettingsPatch): Promise<Answer<InfoSettings>>;
  renew(claims: Claims, keep: boolean): Promise<Answer<Beginning>>;
  /** What it has counted, in Prometheus' format. */
  metrics(claims: Claims): Promise<Answer<string>>;
}
