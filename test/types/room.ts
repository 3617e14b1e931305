// A room's class and its Worker, as users write them.
import {
  type Connecting,
  createRelay,
  type DisconnectReason,
  type RelayEnv,
  Room,
  type RoomEvent,
  type RoomSettings,
  type Socket,
} from "roomlog";
import { type ByAlias, type ByInterface, same } from "./events.ts";

/** As `wrangler types` writes it: the binding names the room's own class. */
interface Env extends RelayEnv {
  readonly ROOMS: DurableObjectNamespace<ChatRoom>;
  readonly SECRET: string;
}

type Reminder = { readonly who: string; readonly kind: "soft" | "loud" };

export class ChatRoom extends Room<Env, ByInterface> {
  static override readonly settings: RoomSettings = { ephemeral: ["move"], echo: true };

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.sql.exec("CREATE TABLE IF NOT EXISTS words (text TEXT)");
  }

  override async onConnect(socket: Connecting<ByInterface>): Promise<void> {
    if (socket.handshake.auth.secret !== this.env.SECRET) throw new Error("not you");
    // @ts-expect-error
    this.env.SECRETS;
  }

  override onEvent(socket: Socket<ByInterface>, event: RoomEvent<ByInterface>): void {
    if (event.name === "plain") socket.disconnect(true);
    const ids = this.sockets.map(({ id, data: { nick } }) => `${id}: ${nick ?? ""}`);
    same<typeof ids, string[]>();
    event.relay();
  }

  override onDisconnect(socket: Socket<ByInterface>, reason: DisconnectReason): void {
    if (reason === "ping timeout") this.to("a").except(socket.id).emit("plain");
    // @ts-expect-error
    if (reason === "bored") return;
  }

  remind({ who, kind }: Reminder): void {
    this.emit("message", { from: kind, text: who });
    // @ts-expect-error
    this.emit("massage", { from: kind, text: who });
    // @ts-expect-error
    this.to("a").ephemeral.emit("message", { from: kind });
    // @ts-expect-error
    this.ephemeral.emit("message");
    // @ts-expect-error
    this.of("/orders").emit("moved", 1);
  }

  tidy(): void {}

  async count(n: number): Promise<number> {
    return n;
  }

  private secretly(_payload: string): void {}

  plan(reminder: Reminder): void {
    const id = this.schedule(60_000, this.remind, { who: "ada", kind: "loud" });
    same<typeof id, number>();
    this.schedule(new Date(0), this.remind, reminder);
    this.schedule(1, this.count, 1);
    this.schedule(1, this.tidy, null);
    this.schedule(1, this.secretly, "yes");
    this.unschedule(id);
    // @ts-expect-error
    this.schedule(1, this.remain, reminder);
    // @ts-expect-error its name is not enough
    this.schedule(1, "remind", reminder);
    // @ts-expect-error
    this.schedule(1, this.remind, { who: "ada" });
    // @ts-expect-error
    this.schedule(1, this.remind, { who: "ada", kind: "shy" });
    // @ts-expect-error
    this.schedule(1, this.count, "one");
    // @ts-expect-error
    this.schedule("tomorrow", this.remind, reminder);
    // @ts-expect-error it takes two
    this.schedule(1, this.say, "hello");
    // @ts-expect-error
    this.unschedule("1");
  }

  say(from: string, text: string): void {
    this.emit("message", { from, text });
  }
}

/** An intermediate class hands its events on. */
export abstract class Loud<E extends RelayEnv> extends Room<E, ByAlias> {
  override onEvent(_socket: Socket<ByAlias>, event: RoomEvent<ByAlias>): void {
    if (event.name === "say") {
      event.relay({ name: "message", args: [{ from: "", text: event.args[0].toUpperCase() }] });
    }
  }
}

type Others = {
  ServerToClient: object;
  ClientToServer: { shout: (loudness: number) => void };
  Data: object;
};

export class WrongEvents extends Room<Env, ByInterface> {
  // @ts-expect-error events of another room
  override onEvent(_socket: Socket<Others>, _event: RoomEvent<Others>): void {}
}

export class WrongSettings extends Room {
  // @ts-expect-error
  static override readonly settings: RoomSettings = { ephemeral: "move" };
}

// @ts-expect-error it lacks the binding
export class WrongEnv extends Room<{ SECRET: string }> {}

const relay = createRelay({ room: ChatRoom, path: "/chat/" });

export default relay satisfies ExportedHandler<Env>;

/** A Worker may do something of its own before. */
export const custom: ExportedHandler<Env> = {
  async fetch(request, env, ctx) {
    const room = env.ROOMS.getByName("lobby");
    await room.tidy();
    // @ts-expect-error
    await room.tidy(1);
    if (request.method === "POST") return new Response(env.SECRET, { status: 403 });
    return relay.fetch(request, env, ctx);
  },
};

// @ts-expect-error
createRelay({ room: class {} });
// @ts-expect-error
createRelay({});
