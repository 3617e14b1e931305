// Undo: of one's own last change, as long as nobody else has touched the note.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { randomId } from "../public/lib/random.js";
import { type Asked, Boards, key } from "./support/boards.ts";

const NOTE = { id: "note-0001", text: "hello", x: 10, y: 20, colour: "yellow" };

describe("undo", () => {
  let boards: Boards;
  let board: string;
  let number = 0;

  beforeAll(async () => {
    boards = await Boards.start({ LOCK_MS: "600000" });
  }, 60_000);
  afterEach(() => boards.release());
  afterAll(() => boards?.[Symbol.asyncDispose]());

  async function someone(name: string, clientId = randomId()): Promise<Asked> {
    return boards.asking(board, { name, clientId });
  }

  async function same(): Promise<void> {
    expect(await boards.folded(board)).toEqual(await boards.stored(board));
  }

  it("takes back each kind of change, the newest first", async () => {
    board = `undo-${number++}`;
    const ada = await someone("Ada");
    const keys = Array.from({ length: 4 }, key);
    const bases = keys.map(({ idempotencyKey }) => idempotencyKey);
    const states = [await boards.stored(board)];
    const after = async () => states.push(await boards.stored(board));
    await ada("create", NOTE, keys[0]).then(after);
    await ada("move", { id: NOTE.id, base: bases[0], x: 90, y: 90 }, keys[1]).then(after);
    await ada("edit", { id: NOTE.id, base: bases[1], text: "x", colour: "pink" }, keys[2]).then(
      after,
    );
    await ada("delete", { id: NOTE.id, base: bases[2] }, keys[3]).then(after);
    expect(new Set(states.map((notes) => JSON.stringify(notes))).size, "states").toBe(4);
    for (const state of states.slice(0, -1).reverse()) {
      expect(await ada("undo")).not.toHaveProperty("error");
      expect(await boards.stored(board)).toEqual(state);
      await same();
    }
    expect(await ada("undo")).toMatchObject({ error: { code: "nothing_to_undo" } });
  });

  it("is refused when somebody else has changed the note since", async () => {
    board = `undo-${number++}`;
    const [ada, bob] = [await someone("Ada"), await someone("Bob")];
    const [created, moved] = [key(), key()];
    await ada("create", NOTE, created);
    await bob("move", { id: NOTE.id, base: created.idempotencyKey, x: 1, y: 1 }, moved);
    const [note] = await boards.stored(board);
    expect(await ada("undo")).toEqual({
      error: { code: "stale", message: "somebody else has changed the note since", note },
    });
    // Bob can, and then Ada can as well.
    expect(await bob("undo")).not.toHaveProperty("error");
    expect(await boards.stored(board)).toMatchObject([{ x: NOTE.x, y: NOTE.y }]);
    expect(await ada("undo")).not.toHaveProperty("error");
    expect(await boards.stored(board)).toEqual([]);
    await same();
  });

  it("is of the person, not of the connection: it works over a page load", async () => {
    board = `undo-${number++}`;
    const clientId = randomId();
    const before = await someone("Ada", clientId);
    await before("create", NOTE);
    boards.release();
    const other = await someone("Bob");
    expect(await other("undo")).toMatchObject({ error: { code: "nothing_to_undo" } });
    const after = await someone("Ada", clientId);
    expect(await after("undo")).not.toHaveProperty("error");
    expect(await boards.stored(board)).toEqual([]);
  });

  it("is refused while somebody else holds the note", async () => {
    board = `undo-${number++}`;
    const [ada, bob] = [await someone("Ada"), await someone("Bob")];
    await ada("create", NOTE);
    await bob("lock", { id: NOTE.id });
    expect(await ada("undo")).toMatchObject({
      error: { code: "locked", message: "Bob is holding the note" },
    });
    await bob("unlock", { id: NOTE.id });
    expect(await ada("undo")).not.toHaveProperty("error");
    await same();
  });

  it("EMIT-2: sent twice under one key, over two connections, it takes one change back", async () => {
    board = `undo-${number++}`;
    const clientId = randomId();
    const both = [await someone("Ada", clientId), await someone("Ada", clientId)] as const;
    const [created, moved, undo] = [key(), key(), key()];
    await both[0]("create", NOTE, created);
    await both[0]("move", { id: NOTE.id, base: created.idempotencyKey, x: 1, y: 1 }, moved);
    const answers = await Promise.all(both.map((ask) => ask("undo", undo)));
    expect(answers.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(answers[0]?.offset).toBe(answers[1]?.offset);
    expect(await boards.stored(board)).toMatchObject([{ x: NOTE.x, y: NOTE.y }]);
    await same();
  });
});
