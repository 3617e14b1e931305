// A Worker that publishes, checked and run in a folder that has only the package.
import { createRelayClient, signToken } from "roomlog/server";

type Env = { readonly RELAY: string };

export default {
  async fetch(_request, { RELAY }) {
    const relay = createRelayClient({ url: RELAY });
    const published = await relay.publish("workers", { event: "made", data: Uint8Array.of(1, 2) });
    const { events } = await relay.read("workers");
    const token = await signToken({
      sub: "alice",
      room: "workers",
      scope: "write",
      expiresIn: 60,
      secret: "0123456789abcdef0123456789abcdef",
    });
    const [binary] = events[0]?.args ?? [];
    const bytes = binary instanceof Uint8Array ? [...binary] : [];
    return Response.json({ published, bytes, parts: token.split(".").length });
  },
} satisfies ExportedHandler<Env>;
