/** A room with a board in it: who comes and goes, and what they ask for. */
import {
  type Connecting,
  type DisconnectReason,
  type RelayEnv,
  Room,
  type RoomEvent,
  type Socket,
} from "roomlog";
import * as v from "valibot";
import { type Author, Board, type Told } from "./board.ts";
import { type BoardEvents, LIMITS, type Lock } from "./events.ts";
import type { Held } from "./locks.ts";
import { Refused } from "./refused.ts";
import * as wanted from "./wanted.ts";

export interface Env extends RelayEnv {
  /** Milliseconds for which a note stays in a hand that doesn't move any more. Default 15,000. */
  readonly LOCK_MS?: string;
}

type Member = Socket<BoardEvents>;
type Request = RoomEvent<BoardEvents>;
type RequestOf<N extends Request["name"]> = Extract<Request, { readonly name: N }>;

export class BoardRoom extends Room<Env, BoardEvents> {
  /** One board is one log: there are no channels in it. */
  static override readonly settings = { namespaces: [] };

  readonly #board: Board;
  readonly #lockTime: number;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#board = new Board(this.sql);
    this.#lockTime = Number(env.LOCK_MS ?? 15_000);
  }

  override onConnect(socket: Connecting<BoardEvents>): void {
    const { success, output, issues } = v.safeParse(wanted.Named, socket.handshake.auth);
    if (!success) throw Object.assign(new Error(issues[0].message), { data: { code: "invalid" } });
    socket.data = output;
  }

  override onEvent(socket: Member, event: Request): void {
    try {
      this.#do(socket, event);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      event.ack({ error: error.refusal });
    }
  }

  override onDisconnect({ id }: Member, reason: DisconnectReason): void {
    // The same client is back already, with what it held.
    if (reason === "resumed elsewhere") return;
    this.#free(this.#board.locks.end({ socket: id }));
    this.ephemeral.emit("left", id);
  }

  /** Over HTTP an event would go straight into the log, and the table would know nothing of it. */
  override async publish(): ReturnType<Room["publish"]> {
    return { kind: "forbidden" };
  }

  // --- Requests --------------------------------------------------------------------------------

  #do(socket: Member, event: Request): void {
    if (event.name === "hello") this.#hello(socket, event);
    else if (event.name === "rename") this.#rename(socket, event);
    else if (event.name === "lock") this.#lock(socket, event);
    else if (event.name === "unlock") this.#unlock(socket, event);
    else if (event.name === "cursor") this.#cursor(socket, event);
    else if (event.name === "drag") this.#drag(socket, event);
    else this.#change(socket, event);
  }

  /** The one place where notes change: what the table says now and what the log tells are one transaction. */
  #change(socket: Member, event: Request): void {
    if (event.idempotencyKey === null) throw new Refused("no_key", "send an idempotencyKey");
    const told = this.#written(event, {
      identity: socket.identity,
      socket: socket.id,
      name: nameOf(socket),
      change: event.idempotencyKey,
    });
    // The author gets it too: everybody's board is made of what the log says, in its order.
    event.relay({ ...told, echo: true, ephemeral: false });
    if (told.name === "deleted") this.#free(this.#board.locks.end({ note: told.args[0].id }));
  }

  #written({ name, args }: Request, author: Author): Told {
    const board = this.#board;
    switch (name) {
      case "create":
        return board.create(author, wanted.read(wanted.Create, args));
      case "move":
        return board.move(author, wanted.read(wanted.Move, args));
      case "edit":
        return board.edit(author, wanted.read(wanted.Edit, args));
      case "stack":
        return board.stack(author, wanted.read(wanted.Stack, args));
      case "delete":
        return board.delete(author, wanted.read(wanted.Delete, args));
      case "undo":
        return board.undo(author);
      default:
        throw new Refused("unknown", "there is no such request");
    }
  }

  /**
   * A newcomer's snapshot. `seam` is logged for this socket alone, in the transaction that reads the
   * table: it stands between the changes that the snapshot has and those that it lacks, and that is
   * where it reaches its reader, too.
   */
  #hello(socket: Member, event: RequestOf<"hello">): void {
    const { notes } = wanted.read(wanted.Hello, event.args);
    socket.broadcast.ephemeral.emit("came", { id: socket.id, name: nameOf(socket) });
    event.ack({
      offset: notes ? this.to(socket.id).emit("seam") : null,
      notes: notes ? this.#board.notes.all() : null,
      locks: this.#board.locks.all().map(toLock),
      people: this.sockets.map((each) => ({ id: each.id, name: nameOf(each) })),
      limits: LIMITS,
    });
  }

  #rename(socket: Member, event: RequestOf<"rename">): void {
    const { name } = wanted.read(wanted.Named, event.args);
    socket.data = { name };
    socket.broadcast.ephemeral.emit("came", { id: socket.id, name });
    event.ack({});
  }

  /** Takes a note into one's hand, or holds it for longer. Nobody has more than one. */
  #lock(socket: Member, event: RequestOf<"lock">): void {
    const { id: note } = wanted.read(wanted.OfNote, event.args);
    const { notes, locks } = this.#board;
    const found = notes.get(note);
    if (found === undefined) throw new Refused("gone", "the note has been deleted");
    const held = locks.of(note);
    if (held !== undefined && held.socket !== socket.id) {
      throw new Refused("locked", `${held.name} is holding the note`, found);
    }
    const before = locks.end({ socket: socket.id });
    if (before?.note === note) this.unschedule(before.job);
    else this.#free(before);
    // One that has run out, and whose call is still to come.
    this.#free(locks.end({ note }));
    const until = Date.now() + this.#lockTime;
    const job = this.schedule(new Date(until), this.expire, note);
    const lock = { note, socket: socket.id, name: nameOf(socket), until, job };
    locks.put(lock);
    socket.broadcast.ephemeral.emit("locked", toLock(lock));
    event.ack({ for: this.#lockTime });
  }

  #unlock(socket: Member, event: RequestOf<"unlock">): void {
    const { id: note } = wanted.read(wanted.OfNote, event.args);
    if (this.#board.locks.of(note)?.socket === socket.id)
      this.#free(this.#board.locks.end({ note }));
    event.ack({});
  }

  /** Called by the schedule: nobody has renewed this note's lock. */
  expire(note: string): void {
    this.#free(this.#board.locks.end({ note }));
  }

  /** Tells that a lock has ended. */
  #free(lock: Held | undefined): void {
    if (lock === undefined) return;
    this.unschedule(lock.job);
    this.ephemeral.emit("unlocked", lock.note);
  }

  #cursor({ id }: Member, event: RequestOf<"cursor">): void {
    const { x, y } = wanted.read(wanted.Cursor, event.args);
    event.relay({ name: "cursor", args: [{ id, x, y }], echo: false, ephemeral: true });
  }

  #drag(socket: Member, event: RequestOf<"drag">): void {
    const drag = wanted.read(wanted.Drag, event.args);
    const held = this.#board.locks.of(drag.id);
    if (held?.socket !== socket.id) throw new Refused("not_held", "lock the note first");
    event.relay({ name: "drag", args: [drag], echo: false, ephemeral: true });
  }
}

function nameOf({ data }: Member): string {
  return data.name ?? "";
}

function toLock({ note, socket, name, until }: Held): Lock {
  return { note, socket, name, for: until - Date.now() };
}
