// A note in somebody's hand is theirs alone, until they let go, go away, or fall silent.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BoardClient } from "../public/lib/client.js";
import { randomId } from "../public/lib/random.js";
import { Boards, next, when } from "./support/boards.ts";

async function note(...clients: BoardClient[]): Promise<string> {
  const id = clients[0]?.create({ text: "", x: 0, y: 0, colour: "yellow" }) ?? "";
  const there = (client: BoardClient) => client.model.confirmed.some((each) => each.id === id);
  await Promise.all(clients.map((client) => when(client, () => there(client))));
  return id;
}

const ADA = randomId();
const LOCKED = { error: { code: "locked", message: "Ada is holding the note" } };

describe("locks that last long", () => {
  let boards: Boards;
  let number = 0;

  beforeAll(async () => {
    boards = await Boards.start({ LOCK_MS: "600000" });
  }, 60_000);
  afterEach(() => boards.release());
  afterAll(() => boards?.[Symbol.asyncDispose]());

  async function pair(): Promise<[BoardClient, BoardClient]> {
    const board = `locks-${number++}`;
    return [await boards.joined(board, "Ada", ADA), await boards.joined(board, "Bob")];
  }

  it("while one holds a note, others can't change it, and are told who does", async () => {
    const [ada, bob] = await pair();
    const id = await note(ada, bob);
    await ada.lock(id);
    await when(bob, () => bob.locks.of(id)?.name === "Ada");
    const newcomer = await boards.joined(`locks-${number - 1}`, "Cleo");
    await when(newcomer, () => newcomer.locks.of(id)?.name === "Ada");
    expect(await bob.lock(id)).toMatchObject(LOCKED);
    expect(await bob.onNote("move", id, { x: 1, y: 1 })).toMatchObject(LOCKED);
    expect(await bob.onNote("delete", id)).toMatchObject(LOCKED);
    expect(await ada.onNote("move", id, { x: 1, y: 1 })).not.toHaveProperty("error");
    // Her own lock does not end by a change of hers.
    expect(await bob.lock(id)).toMatchObject(LOCKED);
    await ada.unlock(id);
    await when(bob, () => bob.locks.of(id) === undefined);
    expect(await bob.lock(id)).toEqual({ for: 600_000 });
  });

  it("EMIT-7: who drags what is seen by others as it happens, and is not logged", async () => {
    const [ada, bob] = await pair();
    const id = await note(ada, bob);
    await ada.lock(id);
    const drag = next(bob, "drag");
    ada.pass("drag", { id, x: 33, y: 44 });
    expect(await drag).toEqual({ id, x: 33, y: 44 });
    const cursor = next(bob, "cursor");
    ada.pass("cursor", { x: 5, y: 6 });
    expect(await cursor).toEqual({ id: ada.socket.id, x: 5, y: 6 });
    const events = (await boards.log(`locks-${number - 1}`)).map(({ event }) => event);
    expect(events).toEqual(["seam", "seam", "created"]);
    expect(bob.model.get(id)).toMatchObject({ x: 0, y: 0 });
  });

  it("what nobody holds, or somebody else does, is not dragged", async () => {
    const [ada, bob] = await pair();
    const id = await note(ada, bob);
    await ada.lock(id);
    const first = Promise.race([next(ada, "drag"), next(ada, "cursor")]);
    const answer = await bob.socket.emitWithAck("drag", { id, x: 1, y: 1 });
    expect(answer).toMatchObject({ error: { code: "not_held" } });
    // Were the drag sent, it would have come before this one.
    bob.pass("cursor", { x: 2, y: 2 });
    expect(await first).toEqual({ id: bob.socket.id, x: 2, y: 2 });
  });

  it("one who takes another note lets go of the first", async () => {
    const [ada, bob] = await pair();
    const [first, second] = [await note(ada, bob), await note(ada, bob)];
    await ada.lock(first);
    await when(bob, () => bob.locks.of(first) !== undefined);
    await ada.lock(second);
    await when(bob, () => bob.locks.of(second) !== undefined);
    expect(bob.locks.of(first)).toBeUndefined();
    expect(await bob.lock(first)).not.toHaveProperty("error");
  });

  it("ROOM-1: one who goes away lets go, and is not on the board any more", async () => {
    const [ada, bob] = await pair();
    const id = await note(ada, bob);
    await ada.lock(id);
    await when(bob, () => bob.locks.of(id) !== undefined);
    expect([...bob.people.values()].toSorted()).toEqual(["Ada", "Bob"]);
    ada.close();
    await when(bob, () => bob.locks.of(id) === undefined && bob.people.size === 1);
    expect(await bob.onNote("delete", id)).not.toHaveProperty("error");
  });

  it("SUB-5: one whose connection is replaced by a newer one of theirs keeps what they hold", async () => {
    const [ada, bob] = await pair();
    const id = await note(ada, bob);
    await ada.lock(id);
    // A second connection that resumes the first: as after a network that vanished without a word.
    const seen: string[] = [];
    bob.socket.on("unlocked", (what) => seen.push(what));
    bob.socket.on("left", (who) => seen.push(who));
    const { id: socketId } = ada.socket;
    ada.socket.io.reconnection(false);
    const { _pid: pid, _lastOffset: offset } = ada.socket as unknown as Record<string, string>;
    const again = boards.socket(`locks-${number - 1}`, { name: "Ada", clientId: ADA, pid, offset });
    await new Promise((resolve) => again.once("connect", () => resolve(undefined)));
    expect(again.id).toBe(socketId);
    await when(ada, () => !ada.connected);
    expect(await bob.lock(id)).toMatchObject(LOCKED);
    await again.emitWithAck("unlock", { id });
    await when(bob, () => bob.locks.of(id) === undefined);
    expect(seen).toEqual([id]);
  });

  it("a held note that is deleted is let go, also by undo", async () => {
    const [ada, bob] = await pair();
    const id = await note(ada, bob);
    await ada.lock(id);
    await when(bob, () => bob.locks.of(id) !== undefined);
    await ada.undo();
    await when(bob, () => bob.locks.of(id) === undefined);
    expect(bob.model.get(id)).toBeUndefined();
  });

  it("a name that is changed is everybody's to see, and stays over a reconnect", async () => {
    const [ada, bob] = await pair();
    await ada.rename("Countess");
    const { id = "" } = ada.socket;
    await when(bob, () => bob.people.get(id) === "Countess");
    ada.socket.io.engine.close();
    await when(ada, () => !ada.connected);
    await when(bob, () => !bob.people.has(id));
    await when(bob, () => bob.people.get(id) === "Countess");
  });
});

describe("locks that end by themselves", () => {
  it("one that is not renewed ends, once, and everybody is told; a renewed one lasts longer", async () => {
    await using boards = await Boards.start({ LOCK_MS: "700" });
    const [ada, bob] = [await boards.joined("b", "Ada"), await boards.joined("b", "Bob")];
    const [renewed, silent] = [await note(ada, bob), await note(ada, bob)];
    const told: string[] = [];
    ada.socket.on("unlocked", (what) => told.push(what));
    await ada.lock(renewed);
    await bob.lock(silent);
    await ada.lock(renewed);
    expect(await bob.onNote("move", renewed, { x: 9, y: 9 })).toMatchObject(LOCKED);
    await when(bob, () => bob.locks.of(renewed) === undefined);
    expect(await bob.onNote("move", renewed, { x: 9, y: 9 })).not.toHaveProperty("error");
    await when(ada, () => ada.model.get(renewed)?.x === 9);
    // Hers was taken first, and would have ended first.
    expect(told).toEqual([silent, renewed]);
  });

  it("LIFE-2: one whose holder was lost with the relay still holds, and ends by itself", async () => {
    // Longer than what runs on a timer: this one is the object's alarm.
    await using boards = await Boards.start({ LOCK_MS: "12000" });
    const [ada, bob] = [await boards.joined("b", "Ada"), await boards.joined("b", "Bob")];
    const id = await note(ada, bob);
    await ada.lock(id);
    await boards.restart(async () => ada.close());
    await when(bob, () => bob.inStep && bob.locks.of(id) !== undefined);
    expect(await bob.lock(id)).toMatchObject(LOCKED);
    const unlocked = new Promise((resolve) => bob.socket.on("unlocked", resolve));
    expect(await unlocked).toBe(id);
    expect(await bob.lock(id)).not.toHaveProperty("error");
  }, 40_000);
});
