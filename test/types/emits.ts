// What a room may send.
import type { Broadcast, Ephemeral, Socket } from "roomlog";
import { type ByAlias, type ByInterface, same } from "./events.ts";

export function right(socket: Socket<ByInterface>, all: Broadcast<ByInterface>): void {
  socket.emit("message", { from: "ada", text: "hello" });
  socket.emit("moved", 1, 2);
  socket.emit("moved", 1, 2, "because");
  socket.emit("plain");
  socket.emit("picture", new Uint8Array());
  socket.to("a").except(["b", "c"]).emit("plain");
  socket.broadcast.in("a").of("/orders").ephemeral.to("b").emit("moved", 1, 2);
  socket.ephemeral.emit("plain");
  const offset = all.emit("plain");
  same<typeof offset, string>();
}

export function wrongName(socket: Socket<ByInterface>, all: Broadcast<ByInterface>): void {
  // @ts-expect-error
  socket.emit("massage", { from: "ada", text: "hello" });
  // @ts-expect-error one of the client's
  socket.emit("say", "hello");
  // @ts-expect-error
  all.emit("massage", { from: "ada", text: "hello" });
  // @ts-expect-error
  all.ephemeral.emit("massage", { from: "ada", text: "hello" });
  // @ts-expect-error
  socket.ephemeral.emit("say", "hello");
}

export function wrongWhom(socket: Socket<ByInterface>, all: Broadcast<ByInterface>): void {
  // @ts-expect-error
  socket.to(1).emit("plain");
  // @ts-expect-error
  all.except().emit("plain");
  // @ts-expect-error
  all.of(["/orders"]).emit("plain");
}

export function wrongArguments(to: Broadcast<ByInterface>): void {
  // @ts-expect-error
  to.emit("message", "hello");
  // @ts-expect-error
  to.emit("message", { from: "ada" });
  // @ts-expect-error
  to.emit("message");
  // @ts-expect-error
  to.emit("moved", 1);
  // @ts-expect-error
  to.emit("moved", 1, 2, 3);
  // @ts-expect-error
  to.emit("plain", 1);
  // @ts-expect-error
  to.emit("picture", [1, 2, 3]);
  // @ts-expect-error a callback can't be logged: that is what emitWithAck is for
  to.emit("question", "ready?", () => {});
}

export function wrongEphemeral(to: Ephemeral<ByInterface>): void {
  // @ts-expect-error
  to.emit("message");
  // @ts-expect-error
  to.to("a").emit("moved", 1);
  // @ts-expect-error nothing is logged, so there is no offset
  to.emit("plain").length;
}

export async function answers(socket: Socket<ByInterface>): Promise<void> {
  const answer = await socket.emitWithAck("question", "ready?");
  same<typeof answer, "yes" | "no">();
  const late = await socket.timeout(50).emitWithAck("question", "still ready?");
  same<typeof late, "yes" | "no">();
  // @ts-expect-error
  const wrong: number = await socket.emitWithAck("question", "ready?");
  // @ts-expect-error
  await socket.emitWithAck("question");
  // @ts-expect-error
  await socket.emitWithAck("question", 1);
  // @ts-expect-error the client is given no callback
  await socket.emitWithAck("plain");
  // @ts-expect-error
  await socket.timeout("soon").emitWithAck("question", "ready?");
  return void wrong;
}

export async function fromAliases(socket: Socket<ByAlias>): Promise<void> {
  socket.emit("message", { from: "ada", text: "hello" });
  const answer = await socket.emitWithAck("question", "ready?");
  same<typeof answer, "yes" | "no">();
  // @ts-expect-error
  socket.emit("message", { from: 1, text: "hello" });
  // @ts-expect-error
  socket.emit("question", "ready?", () => {});
}

/** A room that says nothing about its events may send any. */
export async function untyped(socket: Socket): Promise<void> {
  socket.emit("anything", 1, "two", { three: [4] });
  socket.to("a").emit("anything");
  const answer = await socket.emitWithAck("anything", 1);
  same<typeof answer, unknown>();
}
