/** A room as the Worker sees it, wherever its object runs. */
import type { Claims } from "../auth/access.ts";
import type { HistoryRequest, HistoryResult, RoomInfo } from "../room/history.ts";
import type { PublishRequest, PublishResult } from "../room/publish.ts";
import type {
  DisconnectRequest,
  DisconnectResult,
  MoveRequest,
  MoveResult,
  SocketsRequest,
  SocketsResult,
} from "../room/sockets.ts";

export interface RoomStub {
  /** An Engine.IO request, answered as it is: a 101 keeps its socket. */
  fetch(request: Request): Promise<Response>;
  publish(request: PublishRequest): Promise<PublishResult>;
  history(request: HistoryRequest): Promise<HistoryResult>;
  listSockets(request: SocketsRequest): Promise<SocketsResult>;
  disconnectSockets(request: DisconnectRequest): Promise<DisconnectResult>;
  moveSockets(request: MoveRequest): Promise<MoveResult>;
  /** Undefined if the claims do not allow reading. */
  info(claims: Claims): Promise<RoomInfo | undefined>;
  /** What it has counted, in Prometheus' format; undefined if the claims are not an admin's. */
  metrics(claims: Claims): Promise<string | undefined>;
}
