// The Worker with an object that counts its constructions, for tests that have to see from outside
// whether a room has slept.
import type { Env } from "../../src/env.ts";
import relay, { RoomObject as Relay } from "../../src/index.ts";

/** By room. The Worker and its objects share one isolate here, so asking wakes no object. */
const constructions = new Map<string, number>();

export class RoomObject extends Relay {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const room = ctx.id.name ?? "";
    constructions.set(room, (constructions.get(room) ?? 0) + 1);
  }
}

export default {
  fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname !== "/constructions") return relay.fetch(request, env, ctx);
    return Response.json(constructions.get(searchParams.get("room") ?? "") ?? 0);
  },
} satisfies ExportedHandler<Env>;
