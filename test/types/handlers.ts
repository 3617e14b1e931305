// What a room's handlers are given.
import type { Changes, Connecting, RoomEvent, Socket } from "roomlog";
import { type ByAlias, type ByInterface, same } from "./events.ts";

export function narrowed(event: RoomEvent<ByInterface>): void {
  same<typeof event.name, "say" | "move" | "count" | "maybe" | "plain">();
  same<typeof event.idempotencyKey, string | null>();
  // Without a look at which event it is.
  event.relay();
  event.relay({ to: "a", except: ["b"], echo: true, ephemeral: true });
  event.refuse("no", "not now");
  switch (event.name) {
    case "say":
      same<typeof event.args, [text: string]>();
      event.ack({ offset: "a-1" });
      return;
    case "move":
      same<typeof event.args, [x: number, y: number]>();
      return;
    case "count":
      same<typeof event.args, []>();
      event.ack(3, "apples");
      return;
    case "maybe":
      same<typeof event.args, [id: number]>();
      event.ack(true);
      return;
  }
  same<typeof event.name, "plain">();
  event.ack();
}

export function wrongAcks(event: RoomEvent<ByInterface>): void {
  // @ts-expect-error
  if (event.name === "says") return;
  if (event.name === "say") {
    // @ts-expect-error
    event.ack("a-1");
    // @ts-expect-error
    event.ack();
    // @ts-expect-error
    event.args[0].toFixed();
    // @ts-expect-error the callback does not travel
    event.args[1];
  }
  if (event.name === "count") {
    // @ts-expect-error
    event.ack(3);
    // @ts-expect-error
    event.ack("three", "apples");
  }
  // @ts-expect-error
  if (event.name === "maybe") event.ack(1);
  // @ts-expect-error clients give it no callback
  if (event.name === "plain") event.ack("thanks");
  // @ts-expect-error
  event.refuse(404, "not found");
}

export function relayed(event: RoomEvent<ByInterface>): void {
  const { offset, duplicate } = event.relay({
    name: "message",
    args: [{ from: "ada", text: "hello" }],
    ack: [{ offset: "a-1" }],
  });
  same<typeof offset, string | null>();
  same<typeof duplicate, boolean>();
  // @ts-expect-error
  event.relay({ name: "massage" });
  // @ts-expect-error one of the client's
  event.relay({ name: "say" });
  // @ts-expect-error
  event.relay({ name: "message", args: ["hello"] });
  // @ts-expect-error
  event.relay({ name: "moved", args: [1] });
  // @ts-expect-error of no event at all
  event.relay({ args: [true] });
  // @ts-expect-error
  event.relay({ name: "plain", room: "a" });
  // @ts-expect-error
  event.relay({ to: 1 });
  // @ts-expect-error
  event.relay({ echo: "yes" });
  // @ts-expect-error
  event.relay({ ack: { offset: "a-1" } });
}

export function fromAliases(event: RoomEvent<ByAlias>, changes: Changes<ByAlias>): void {
  same<typeof event.args, [text: string]>();
  event.ack(event.relay(changes).offset === null ? { offset: "" } : { offset: "a-1" });
  // @ts-expect-error
  event.ack(1);
}

export function data(socket: Socket<ByInterface>): void {
  same<typeof socket.data.nick, string | undefined>();
  socket.data.nick = "ada";
  socket.data.visits = (socket.data.visits ?? 0) + 1;
  socket.data = { nick: "ada" };
  // @ts-expect-error
  socket.data.nick = 1;
  // @ts-expect-error
  socket.data.nickname = "ada";
  // @ts-expect-error it may not be there yet
  socket.data.visits.toFixed();
  // @ts-expect-error
  socket.data = { nick: "ada", age: 36 };
  // @ts-expect-error
  socket.id = "another";
  // @ts-expect-error rooms are joined by `join`
  socket.rooms.add("a");
}

export function connecting(socket: Connecting<ByInterface>): void {
  const { nick } = socket.handshake.auth;
  same<typeof nick, unknown>();
  // @ts-expect-error it has to be checked
  socket.data.nick = nick;
  if (typeof nick === "string") socket.data.nick = nick;
  socket.join(["a", "b"]);
  // @ts-expect-error
  socket.join(1);
}

/** A room that says nothing about its events takes any. */
export function untyped(socket: Socket, event: RoomEvent): void {
  same<typeof event.name, string>();
  same<typeof event.args, unknown[]>();
  event.ack(1, "two");
  event.relay({ name: "anything", args: event.args, to: "a" });
  socket.data.anything = { at: "all" };
}
