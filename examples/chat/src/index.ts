/** The Worker: what comes in over HTTP, before any room is asked. */
import { createRelay } from "roomlog";
import { ChatRoom, type Env } from "./chat-room.ts";

export { ChatRoom };

const relay = createRelay({ room: ChatRoom });

/** The alphabet of Roomlog's room names. */
const MESSAGES = /^\/rooms\/([A-Za-z0-9_.:~-]{1,128})\/messages$/;

export default {
  async fetch(request, env, ctx): Promise<Response> {
    const { pathname } = new URL(request.url);
    const room = MESSAGES.exec(pathname)?.[1];
    if (room !== undefined) return env.ROOMS.getByName(room).fetch(request);
    // ANONYMOUS lets clients in, and the room's code decides what they get. Over HTTP the log can be
    // read past that code, with all that was removed: that is for backends, which have a key. What
    // is let through is listed, not what is kept out, because a path can be written in many ways.
    const open = pathname.endsWith("/socket.io/") || pathname === "/healthz";
    if (!open && !request.headers.has("authorization")) {
      return new Response("A key is needed here.\n", { status: 401 });
    }
    return relay.fetch(request, env, ctx);
  },
} satisfies ExportedHandler<Env>;
