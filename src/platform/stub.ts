/** From a room's name to its object. */
import type { Env } from "../env.ts";
import type { RoomStub } from "../http/room-stub.ts";

/** The stub of the room called `name`; asking for it creates nothing, using it does. */
export function roomStub(env: Env, name: string): RoomStub {
  const stub = env.ROOMS.getByName(name);
  // Awaiting takes the results out of the RPC's own types: they are plain data.
  return {
    fetch: (request) => stub.fetch(request),
    publish: async (request) => await stub.publish(request),
    history: async (request) => await stub.history(request),
    listSockets: async (request) => await stub.listSockets(request),
    disconnectSockets: async (request) => await stub.disconnectSockets(request),
    moveSockets: async (request) => await stub.moveSockets(request),
    stream: async (request) => await stub.stream(request),
    info: async (claims) => await stub.info(claims),
    configure: async (claims, patch) => await stub.configure(claims, patch),
    renew: async (claims, keep) => await stub.renew(claims, keep),
    metrics: async (claims) => await stub.metrics(claims),
  };
}
