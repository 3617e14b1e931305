/** The Worker's entry. */
import { configOf, type Env } from "./env.ts";
import { createApp } from "./http/app.ts";
import { roomStub } from "./platform/stub.ts";

export { RoomObject } from "./platform/room-object.ts";

const app = createApp({ config: configOf, room: roomStub });

export default { fetch: app.fetch } satisfies ExportedHandler<Env>;
