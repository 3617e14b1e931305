// What may be done to a board, and what is said when it may not.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { LIMITS, type Note } from "../src/events.ts";
import { type Asked, Boards, key } from "./support/boards.ts";

/** A note as clients ask for it. */
const NOTE = { id: "note-0001", text: "hello", x: 10, y: 20, colour: "yellow" };

describe("the rules of the board", () => {
  let boards: Boards;
  let number = 0;

  beforeAll(async () => {
    boards = await Boards.start({ LOCK_MS: "600000" });
  }, 60_000);
  afterEach(() => boards.release());
  afterAll(() => boards?.[Symbol.asyncDispose]());

  /** A board of the test's own. */
  function fresh(): string {
    return `rules-${number++}`;
  }

  /** Asks for a note and answers its version. */
  async function made(ask: Asked, wanted: object = {}): Promise<string> {
    const { idempotencyKey } = key();
    await ask("create", { ...NOTE, ...wanted }, { idempotencyKey });
    return idempotencyKey;
  }

  it("ROOM-2: each change is in the table and in the log, under its key", async () => {
    const board = fresh();
    const ada = boards.asking(board, { name: "Ada" });
    const created = await made(ada);
    const moved = key();
    await ada("move", { id: NOTE.id, base: created, x: 300, y: 400 }, moved);
    const written = key();
    const base = moved.idempotencyKey;
    const { offset } = await ada("edit", { id: NOTE.id, base, text: "bye" }, written);
    const now = { ...NOTE, x: 300, y: 400, text: "bye", z: 1, version: written.idempotencyKey };
    expect(await boards.stored(board)).toEqual([{ ...now, by: "Ada" }]);
    expect(await boards.folded(board)).toEqual([{ ...now, by: "Ada" }]);
    expect((await boards.log(board)).at(2)?.offset).toBe(offset);
  });

  it("a change against an old version is refused, with the note as it is", async () => {
    const board = fresh();
    const [ada, bob] = [boards.asking(board, { name: "Ada" }), boards.asking(board)];
    const base = await made(ada);
    await ada("move", { id: NOTE.id, base, x: 0, y: 0 });
    const [note] = await boards.stored(board);
    for (const [name, wanted] of Object.entries({
      move: { x: 5, y: 5 },
      edit: { text: "mine" },
      stack: { to: "front" },
      delete: {},
    })) {
      expect(await bob(name, { id: NOTE.id, base, ...wanted }), name).toEqual({
        error: { code: "stale", message: "Ada has changed the note meanwhile", note },
      });
    }
    expect(await boards.stored(board)).toEqual([note]);
    expect(await boards.folded(board)).toEqual([note]);
  });

  it("of two changes made at once against one version, one is accepted", async () => {
    const board = fresh();
    const people = Array.from({ length: 5 }, () => boards.asking(board));
    const base = await made(people[0] as Asked);
    const wanted = (x: number) => ({ id: NOTE.id, base, x, y: 0 });
    const answers = await Promise.all(people.map((ask, x) => ask("move", wanted(x))));
    expect(answers.filter(({ error }) => error === undefined)).toHaveLength(1);
    expect(answers.filter(({ error }) => error?.code === "stale")).toHaveLength(4);
    const winner = answers.findIndex(({ error }) => error === undefined);
    expect(await boards.stored(board)).toMatchObject([{ x: winner }]);
  });

  it("what has no sense is refused, and says which part", async () => {
    const board = fresh();
    const ask = boards.asking(board);
    const base = await made(ask);
    const long = "x".repeat(LIMITS.text + 1);
    const at = { id: NOTE.id, base };
    const cases: [string, unknown[], string][] = [
      ["create", [{ ...NOTE, id: "note-0002", text: long }], "text may have 240 characters"],
      ["create", [{ ...NOTE, id: "no" }], "id has to be 8 to 64 characters of A-Z a-z 0-9 _ -"],
      ["create", [{ ...NOTE, x: 1.5 }], "x has to be a whole number from 0 to 2192"],
      ["create", [{ ...NOTE, colour: "plaid" }], "colour has to be one of yellow, green, "],
      ["create", [{ ...NOTE, z: 7 }], "expected { id, x, y, text, colour }"],
      ["create", [{ id: NOTE.id }], "expected { id, x, y, text, colour }"],
      ["create", [], "one argument is needed"],
      ["move", [{ ...at, x: 2193, y: 0 }], "x has to be a whole number from 0 to 2192"],
      ["move", [{ ...at, x: 0, y: -1 }], "y has to be a whole number from 0 to 1432"],
      ["edit", [at], "text or colour is needed"],
      ["edit", [{ ...at, text: "\ud83d" }], "text has to be well-formed Unicode"],
      ["edit", [at, "more"], "one argument is needed"],
      ["stack", [{ ...at, to: "side" }], "to has to be front or back"],
      ["explode", [at], "there is no such request"],
    ];
    for (const [name, args, message] of cases) {
      const { error } = await ask(name, ...args);
      expect(error?.code, `${name} ${message}`).toBe(name === "explode" ? "unknown" : "invalid");
      expect(error?.message).toContain(message);
    }
    expect(await boards.folded(board)).toHaveLength(1);
    expect(await boards.stored(board)).toEqual(await boards.folded(board));
  });

  it("text comes back from table and log as it was sent", async () => {
    const board = fresh();
    const ask = boards.asking(board);
    const text = '\u0000 "quoted" \\ \n 🙂 e\u0301 \u2028 </script>';
    await made(ask, { text });
    expect(await boards.stored(board)).toMatchObject([{ text }]);
    expect(await boards.folded(board)).toEqual(await boards.stored(board));
  });

  it("a change without a key is refused: its retry would not be known", async () => {
    const board = fresh();
    const socket = boards.socket(board);
    expect(await socket.emitWithAck("create", NOTE)).toMatchObject({ error: { code: "no_key" } });
    expect(await boards.stored(board)).toEqual([]);
  });

  it("a note that is gone, or there already, is refused", async () => {
    const board = fresh();
    const ask = boards.asking(board);
    const base = await made(ask);
    expect(await ask("create", NOTE)).toMatchObject({ error: { code: "exists" } });
    expect(await ask("delete", { id: NOTE.id, base })).not.toHaveProperty("error");
    for (const name of ["delete", "stack", "lock"]) {
      const wanted = name === "lock" ? { id: NOTE.id } : { id: NOTE.id, base };
      const to = name === "stack" ? { to: "front" } : {};
      expect(await ask(name, { ...wanted, ...to }), name).toMatchObject({
        error: { code: "gone" },
      });
    }
  });

  it("a full board takes no more notes, also not by undo, until one is deleted", async () => {
    const board = fresh();
    const ask = boards.asking(board);
    const add = (id: number) => ask("create", { ...NOTE, id: `note-${1_000 + id}` }, key());
    const base = await made(ask);
    await ask("delete", { id: NOTE.id, base });
    const answers = await Promise.all(Array.from({ length: LIMITS.notes }, (_, id) => add(id)));
    expect(answers.filter(({ error }) => error)).toEqual([]);
    expect(await add(LIMITS.notes)).toEqual({
      error: { code: "board_full", message: "a board has 200 notes at most" },
    });
    const notes = await boards.stored(board);
    expect(notes).toHaveLength(LIMITS.notes);
    expect(notes).toEqual(await boards.folded(board));
    const { id, version } = notes[0] as Note;
    await ask("delete", { id, base: version });
    expect(await add(LIMITS.notes)).not.toHaveProperty("error");
    // Somebody deletes a note, and another one takes its place: there is no way back.
    const [, second] = notes;
    await ask("delete", { id: second?.id, base: second?.version });
    await boards.asking(board)("create", { ...NOTE, id: "note-last" });
    expect(await ask("undo")).toMatchObject({ error: { code: "board_full" } });
    expect(await boards.stored(board)).toHaveLength(LIMITS.notes);
    expect(await boards.stored(board)).toEqual(await boards.folded(board));
  });

  it("a note that is moved or brought to the front lies on top, one sent back below all", async () => {
    const board = fresh();
    const ask = boards.asking(board);
    const ids = ["note-aaaa", "note-bbbb", "note-cccc"];
    const versions = new Map<string, string>();
    for (const id of ids) versions.set(id, await made(ask, { id }));
    const order = async () => (await boards.stored(board)).map(({ id }) => id);
    const change = async (name: string, id: string, wanted: object) => {
      const change = key();
      await ask(name, { id, base: versions.get(id), ...wanted }, change);
      versions.set(id, change.idempotencyKey);
    };
    const [a, b, c] = ids as [string, string, string];
    expect(await order()).toEqual([a, b, c]);
    await change("move", a, { x: 1, y: 1 });
    expect(await order()).toEqual([b, c, a]);
    await change("stack", a, { to: "back" });
    expect(await order()).toEqual([a, b, c]);
    await change("stack", b, { to: "front" });
    expect(await order()).toEqual([a, c, b]);
    expect(await boards.folded(board)).toEqual(await boards.stored(board));
  });

  it("ROOM-1: nobody comes in without a name, or with one that is too long", async () => {
    const board = fresh();
    for (const [name, message] of [
      [undefined, "a name is needed"],
      ["  ", "a name is needed"],
      ["x".repeat(41), "a name may have 40 characters"],
    ] as const) {
      const socket = boards.socket(board, { name });
      const refused = await new Promise<Error & { data?: object }>((resolve) => {
        socket.on("connect_error", resolve);
      });
      expect(refused.message).toContain(message);
      expect(refused.data).toEqual({ code: "invalid" });
    }
  });

  it("nothing gets into the log past the rules: HTTP is for reading", async () => {
    const board = fresh();
    await made(boards.asking(board));
    const answer = await fetch(`${boards.url}/rooms/${board}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ event: "deleted", args: [{ change: "x", id: NOTE.id }] }),
    });
    expect(answer.status).toBe(403);
    expect(await boards.folded(board)).toHaveLength(1);
  });
});
