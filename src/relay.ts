/** Makes the Worker that stands before the rooms. */
import { configReader } from "./config.ts";
import type { Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { roomStub } from "./platform/stub.ts";
import type { RoomSettings } from "./settings.ts";

export type RelayOptions = {
  /** The class of the rooms: `Room`, or one of your own that extends it. */
  readonly room: { readonly settings: RoomSettings };
  /** Where `io(origin)` connects; default `/socket.io/`. Rooms have their own paths beside it. */
  readonly path?: string;
};

/**
 * The default export of a Worker that serves rooms of this class. The class has to be exported too,
 * and bound as `ROOMS` in `wrangler.toml`.
 * @example
 * export class ChatRoom extends Room<Env, Events> { … }
 * export default createRelay({ room: ChatRoom });
 */
export function createRelay({ room, path = "/socket.io/" }: RelayOptions): {
  fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response>;
} {
  const app = createApp({ path, config: configReader(room.settings), room: roomStub });
  return { fetch: async (request, env, ctx) => await app.fetch(request, env, ctx) };
}
