// What a client shows: the log's board, and its own changes on top while they are on their way.
import { describe, expect, it } from "vitest";
import { Model } from "../public/lib/model.js";
import type { Note } from "../src/events.ts";

const NOTE: Note = {
  ...{ id: "note-0001", text: "hello", x: 10, y: 20, colour: "yellow", z: 1 },
  ...{ version: "v1", by: "Ada" },
};

function model(...notes: Note[]): Model {
  const model = new Model();
  model.reset(notes);
  return model;
}

describe("what a client shows", () => {
  it("a change of one's own at once, and what the log says when it is refused", () => {
    const board = model(NOTE);
    board.begin({ key: "v2", name: "move", wanted: { id: NOTE.id, base: "v1", x: 99, y: 98 } });
    expect(board.notes).toEqual([{ ...NOTE, x: 99, y: 98, z: 2, version: "v2" }]);
    expect(board.confirmed).toEqual([NOTE]);
    board.end("v2");
    expect(board.notes).toEqual([NOTE]);
  });

  it("a change on top of another one, which goes when that one is refused", () => {
    const board = model(NOTE);
    board.begin({ key: "v2", name: "edit", wanted: { id: NOTE.id, base: "v1", text: "one" } });
    const base = board.get(NOTE.id)?.version ?? "";
    expect(base).toBe("v2");
    board.begin({ key: "v3", name: "edit", wanted: { id: NOTE.id, base, colour: "pink" } });
    expect(board.notes).toEqual([{ ...NOTE, text: "one", colour: "pink", version: "v3" }]);
    board.end("v2");
    expect(board.notes).toEqual([NOTE]);
    expect(board.pending).toBe(1);
  });

  it("what somebody else did meanwhile, and not what will be refused for it", () => {
    const board = model(NOTE);
    board.begin({ key: "v2", name: "delete", wanted: { id: NOTE.id, base: "v1" } });
    expect(board.notes).toEqual([]);
    const set = { x: 5, y: 6, version: "w2", by: "Bob" };
    board.fold("changed", { change: "w2", id: NOTE.id, set });
    expect(board.notes).toEqual([{ ...NOTE, ...set }]);
  });

  it("one's own change as the log tells it, as soon as it does", () => {
    const board = model(NOTE);
    const wanted = { id: "note-0002", text: "", x: 1, y: 2, colour: "blue" } as const;
    board.begin({ key: "k", name: "create", wanted });
    expect(board.notes.at(-1)).toEqual({ ...wanted, z: 2, version: "k", by: "" });
    const note = { ...wanted, z: 7, version: "k", by: "Ada" };
    board.fold("created", { change: "k", note });
    expect(board.notes).toEqual([NOTE, note]);
    expect(board.pending).toBe(0);
  });

  it("where a note will lie that is brought to the front or sent back", () => {
    const over = { ...NOTE, id: "note-0002", z: 2 };
    const board = model(NOTE, over);
    const ids = () => board.notes.map(({ id }) => id);
    board.begin({ key: "f", name: "stack", wanted: { id: NOTE.id, base: "v1", to: "front" } });
    expect(ids()).toEqual([over.id, NOTE.id]);
    board.begin({ key: "b", name: "stack", wanted: { id: NOTE.id, base: "f", to: "back" } });
    expect(ids()).toEqual([NOTE.id, over.id]);
  });
});
