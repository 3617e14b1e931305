// The table and the log never disagree, and neither does anybody's board.
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Random, seeded } from "../../../test/support/random.ts";
import type { BoardClient } from "../public/lib/client.js";
import { randomId } from "../public/lib/random.js";
import type { Answer } from "../src/events.ts";
import { Boards, key, when } from "./support/boards.ts";

const SEED = 20_261_123;
const COLOURS = ["yellow", "green", "blue", "pink"] as const;

describe("table and log", () => {
  let boards: Boards;

  beforeAll(async () => {
    boards = await Boards.start();
  }, 60_000);
  afterEach(() => boards.release());
  afterAll(() => boards?.[Symbol.asyncDispose]());

  /** Everybody has what the log tells, and so has the table. */
  async function agree(board: string, clients: readonly BoardClient[]): Promise<void> {
    // Events come in one order: who has this one has all.
    const last = clients[0]?.create({ text: "last", x: 0, y: 0, colour: "grey" }) ?? "";
    const there = (client: BoardClient) =>
      client.model.confirmed.some(({ id }) => id === last) && client.model.pending === 0;
    await Promise.all(clients.map((client) => when(client, () => there(client))));
    const told = await boards.folded(board);
    expect(await boards.stored(board)).toEqual(told);
    for (const client of [...clients, await boards.joined(board, "Newcomer")]) {
      expect(client.model.confirmed).toEqual(told);
      expect(client.model.notes, "with nothing on its way").toEqual(told);
    }
  }

  it("ROOM-2: after accepted and refused changes of many, all agree, and also after a restart", async () => {
    const board = "mixed";
    const random = seeded(SEED);
    const clients = await Promise.all(
      ["Ada", "Bob", "Cleo", "Dan"].map((name) => boards.joined(board, name)),
    );
    const answers: Answer[] = [];
    for (let round = 0; round < 40; round++) {
      const changes = clients.flatMap((client) => change(client, random));
      answers.push(...(await Promise.all(changes)));
    }
    const accepted = answers.filter((answer) => "offset" in answer);
    const refusals = answers.flatMap((answer) => ("error" in answer ? answer.error.code : []));
    // It was a mix.
    expect(accepted.length).toBeGreaterThan(40);
    expect(refusals).toEqual(expect.arrayContaining(["stale", "locked", "gone", "invalid"]));
    // Each accepted one is in the log, once; no refused one is.
    const changed = (await boards.log(board)).filter(({ event }) => event !== "seam");
    const offsets = accepted.map((answer) => "offset" in answer && answer.offset);
    expect(new Set(changed.map(({ offset }) => offset))).toEqual(new Set(offsets));
    expect(changed).toHaveLength(accepted.length);
    await agree(board, clients);

    const before = await boards.stored(board);
    await boards.restart();
    expect(await boards.stored(board)).toEqual(before);
    expect(await boards.folded(board)).toEqual(before);
    await agree(board, clients);
  });

  it("LIFE-2 EMIT-2: a restart in the midst of changes loses none and does none twice", async () => {
    const board = "restarted";
    const clients = await Promise.all(["Ada", "Bob"].map((name) => boards.joined(board, name)));
    let answered = 0;
    const many = clients.flatMap((client) =>
      Array.from({ length: 60 }, async (_, x) => {
        const wanted = { id: randomId(), text: "", x, y: 0, colour: "blue" as const };
        const answer = await client.change("create", wanted);
        answered++;
        return answer;
      }),
    );
    await when(clients[0] as BoardClient, () => answered > 20);
    await boards.restart(async () => expect(answered, "when it was stopped").toBeLessThan(120));
    const answers = await Promise.all(many);
    expect(answers.filter((answer) => "error" in answer)).toEqual([]);
    const created = (await boards.log(board)).filter(({ event }) => event === "created");
    expect(created).toHaveLength(120);
    expect(new Set(answers.map((answer) => "offset" in answer && answer.offset)).size).toBe(120);
    await agree(board, clients);
  });

  it("EMIT-2 EMIT-3: one change sent over two connections of one person is made once", async () => {
    const board = "twice";
    const auth = { name: "Ada", clientId: randomId() };
    const both = [boards.asking(board, auth), boards.asking(board, auth)];
    const note = { id: "note-0001", text: "", x: 0, y: 0, colour: "blue" };
    const created = key();
    const first = await Promise.all(both.map((ask) => ask("create", note, created)));
    expect(first.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    expect(first[0]?.offset).toBe(first[1]?.offset);

    const move = { id: note.id, base: created.idempotencyKey, x: 70, y: 0 };
    const moved = key();
    const second = await Promise.all(both.map((ask) => ask("move", move, moved)));
    // The retry is not stale, although the note has another version by then.
    expect(second.map(({ duplicate }) => duplicate).toSorted()).toEqual([false, true]);
    // Also much later, and over a restart.
    boards.release();
    await boards.restart();
    const later = boards.asking(board, auth);
    expect(await later("move", move, moved)).toEqual({
      offset: second[0]?.offset,
      duplicate: true,
    });
    // The same key of somebody else is another change.
    const bob = boards.asking(board, { name: "Bob", clientId: randomId() });
    expect(await bob("move", move, moved)).toMatchObject({ error: { code: "stale" } });
    expect(await later("move", { ...move, x: 71 }, moved)).toMatchObject({
      error: { code: "key_reused" },
    });
    expect((await boards.log(board)).filter(({ event }) => event !== "seam")).toHaveLength(2);
    expect(await boards.stored(board)).toEqual(await boards.folded(board));
  });
});

/** One or more things that somebody may do at this moment, some of which can't be accepted. */
function change(client: BoardClient, random: Random): Promise<Answer>[] {
  const { notes } = client.model;
  const note = notes[random.below(notes.length)];
  const place = { x: random.below(2_000), y: random.below(1_400) };
  if (note === undefined || random.below(6) === 0) {
    const wanted = { text: "new", colour: random.pick(COLOURS), ...place };
    return [client.change("create", { id: randomId(), ...wanted })];
  }
  const { id, version: base } = note;
  switch (random.below(8)) {
    case 0:
      return [client.change("delete", { id, base })];
    case 1:
      return [client.undo()];
    case 2:
      return [client.change("move", { id, base, x: -1, y: 0 })];
    case 3: {
      // Held over the next change of the others.
      const held = client.lock(id) as Promise<Answer>;
      return [held, client.change("edit", { id, base, text: "held" })].slice(1);
    }
    case 4:
      return [client.change("stack", { id, base, to: random.pick(["front", "back"]) })];
    case 5:
      // The second one is made on top of the first one, before that was answered.
      return [
        client.change("edit", { id, base, colour: random.pick(COLOURS) }),
        client.onNote("move", id, place) as Promise<Answer>,
      ];
    default:
      return [client.change("move", { id, base, ...place })];
  }
}
