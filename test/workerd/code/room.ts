/** A room that uses everything that rooms in code can do. */
import {
  type Connecting,
  createRelay,
  type DisconnectReason,
  type RelayEnv,
  Room,
  type RoomEvent,
  type RoomSettings,
  type Socket,
} from "../../../src/roomlog.ts";

export class CodeRoom extends Room {
  static override readonly settings: RoomSettings = { ephemeral: ["wave"] };

  constructor(ctx: DurableObjectState, env: RelayEnv) {
    super(ctx, env);
    this.sql.exec("CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, text TEXT UNIQUE)");
    // Names as ours were once: they are the room's own now.
    this.sql.exec("CREATE TABLE IF NOT EXISTS events (what TEXT)");
  }

  override onConnect(socket: Connecting): void {
    const { name, room } = socket.handshake.auth;
    if (name === "evil") throw Object.assign(new Error("not you"), { data: { code: "banned" } });
    if (!socket.recovered) {
      socket.data.name = name ?? "nobody";
      if (typeof room === "string") socket.join(room);
    }
    socket.ephemeral.emit("hello", { ...socket.data, rooms: socket.rooms.size });
  }

  override onEvent(socket: Socket, event: RoomEvent): void | Promise<void> {
    const [first, second] = event.args.map(String);
    switch (event.name) {
      case "join":
        socket.join(first ?? "");
        return event.ack([...socket.rooms].slice(1));
      case "leave":
        socket.leave(first ?? "");
        return event.ack([...socket.rooms].slice(1));
      case "whisper":
        event.relay({ to: first ?? "", args: [second, socket.data.name] });
        return;
      case "note":
        this.sql.exec("INSERT INTO notes (text) VALUES (?)", first);
        event.relay();
        return;
      case "half":
        this.sql.exec("INSERT INTO notes (text) VALUES (?)", first);
        event.relay();
        throw new Error("no good");
      case "count":
        return event.ack(this.sql.exec("SELECT count(*) AS n FROM notes").one().n);
      case "later":
        this.schedule(Number(second), this.ring, { text: first ?? "" });
        return event.ack("scheduled");
      case "slow":
        return this.slow(event);
      case "leave me":
        return socket.disconnect();
      default:
        event.relay();
    }
  }

  override onDisconnect(socket: Socket, reason: DisconnectReason): void {
    this.emit("gone", socket.data.name, reason);
  }

  /** Writes and relays behind an await. */
  async slow(event: RoomEvent): Promise<void> {
    await scheduler.wait(1);
    this.sql.exec("INSERT INTO notes (text) VALUES (?)", String(event.args[0]));
    event.relay();
  }

  ring({ text }: { text: string }): void {
    this.sql.exec("INSERT INTO notes (text) VALUES (?)", text);
    this.emit("rang", text);
  }
}

export default createRelay({ room: CodeRoom });
