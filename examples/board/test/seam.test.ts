// A newcomer's snapshot and the events behind it: no gap and no duplicate, whatever happens meanwhile.
import { isDeepStrictEqual } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { BoardClient } from "../public/lib/client.js";
import { randomId } from "../public/lib/random.js";
import { Seam } from "../public/lib/seam.js";
import type { Note, Welcome } from "../src/events.ts";
import { type Asked, Boards, foldAll, key, type Logged, when } from "./support/boards.ts";

const CHANGES = ["created", "changed", "deleted"];

describe("the seam, by itself", () => {
  const [before, at, after] = ["before", "seam", "after"];

  function played(order: readonly string[]) {
    const seam = new Seam<string, string>();
    seam.wait();
    const done = order.map((what) =>
      what === "snapshot"
        ? seam.snapshot({ offset: "seam", notes: "all" })
        : seam.event(what, what),
    );
    return { waiting: seam.waiting, done: done.filter(({ notes, events }) => notes || events[0]) };
  }

  it.each([
    ["the snapshot comes last", [before, at, after, "snapshot"]],
    ["the snapshot comes first", ["snapshot", before, at, after]],
    ["the snapshot comes right before its place", [before, "snapshot", at, after]],
    ["the snapshot comes right behind its place", [before, at, "snapshot", after]],
  ])("SUB-9: what is behind the snapshot's place is done, once: %s", (_, order) => {
    const { waiting, done } = played(order);
    expect(waiting).toBe(false);
    expect(done[0]?.notes).toBe("all");
    expect(done.flatMap(({ events }) => events)).toEqual([after]);
  });

  it("nothing is done before both are there", () => {
    expect(played([before, at, after])).toEqual({ waiting: true, done: [] });
    expect(played(["snapshot", before])).toEqual({ waiting: true, done: [] });
  });
});

describe("newcomers while everybody is at work", () => {
  let boards: Boards;

  beforeAll(async () => {
    boards = await Boards.start();
  }, 60_000);
  afterEach(() => boards.release());
  afterAll(() => boards?.[Symbol.asyncDispose]());

  /** A newcomer that writes down what it is given, and what comes behind it. */
  function newcomer(board: string) {
    const socket = boards.socket(board);
    const seam = new Seam<string, Welcome>();
    const seen: { welcome?: Welcome; behind: string[] } = { behind: [] };
    const take = ({ notes, events }: { notes?: Welcome; events: string[] }) => {
      if (notes) seen.welcome = notes;
      seen.behind.push(...events);
    };
    let end = "";
    const done = new Promise<typeof seen>((resolve) => {
      for (const name of [...CHANGES, "seam"]) {
        socket.on(name, (...args) => {
          const offset: string = args.at(-1);
          take(seam.event(offset, offset));
          if (JSON.stringify(args[0]).includes(end) && end !== "") resolve(seen);
        });
      }
    });
    socket.on("connect", async () => {
      seam.wait();
      const welcome: Welcome = await socket.emitWithAck("hello", { notes: true });
      if (welcome.offset !== null) take(seam.snapshot({ offset: welcome.offset, notes: welcome }));
    });
    return {
      /** Resolves when the event comes that has this text in it. */
      until: (text: string) => {
        end = text;
        return done;
      },
    };
  }

  it("SUB-4 SUB-9: each gets a snapshot, and each change behind it once", async () => {
    const board = "seam-busy";
    const writers = Array.from({ length: 4 }, (_, writer) => worker(boards.asking(board), writer));
    const newcomers = [];
    for (let round = 0; round < 12; round++) {
      // At the same time, so that they come into the same turns of the room.
      const changes = writers.map((work) => work());
      newcomers.push(newcomer(board), newcomer(board));
      await Promise.all(changes);
    }
    const ended = newcomers.map(({ until }) => until("the end"));
    await boards.asking(board)("create", {
      ...{ id: randomId(), x: 0, y: 0, colour: "grey", text: "the end" },
    });
    const all = await Promise.all(ended);
    const log = await boards.log(board);
    const isChange = ({ event }: Logged) => CHANGES.includes(event);
    for (const { welcome, behind } of all) {
      const place = log.findIndex(({ offset }) => offset === welcome?.offset);
      expect(place, "in the log").toBeGreaterThanOrEqual(0);
      expect(welcome?.notes, "the snapshot").toEqual(foldAll(log.slice(0, place)));
      const expected = log.slice(place + 1).filter(isChange);
      expect(behind, "what came behind it").toEqual(expected.map(({ offset }) => offset));
    }
    // It was worth the while: changes stand between snapshots.
    const places = new Set(
      all.map(({ welcome }) => foldAll(log).length - (welcome?.notes?.length ?? 0)),
    );
    expect(places.size).toBeGreaterThan(3);
  });

  it("SUB-4 SUB-5: one that was cut off before its snapshot gets it, and one that comes back goes on", async () => {
    const board = "seam-cut";
    const ask = boards.asking(board);
    const work = worker(ask, 0);
    await work();
    const client = boards.client(board, "Ada");
    // Cut in the very moment in which it asks.
    await new Promise((resolve) => client.socket.once("connect", () => resolve(undefined)));
    client.socket.io.engine.close();
    await Promise.all([work(), work()]);
    await when(client, () => client.inStep);
    await work();
    await upTo(client, await boards.folded(board));

    const back = new Promise((resolve) => client.socket.once("connect", () => resolve(undefined)));
    client.socket.io.engine.close();
    await Promise.all([work(), work(), work(), back]);
    expect(client.socket.recovered).toBe(true);
    await upTo(client, await boards.folded(board));
    expect(client.model.confirmed).toEqual(await boards.stored(board));
  });

  it("SUB-6: one whose place is no longer known begins with a new snapshot", async () => {
    const board = "seam-gap";
    const ask = boards.asking(board);
    const work = worker(ask, 0);
    await work();
    const client = await boards.joined(board, "Ada");
    await work();
    client.socket.disconnect();
    // As if the log were another one by now.
    Object.assign(client.socket, { _lastOffset: "elsewhere-7" });
    await Promise.all([work(), work()]);
    client.socket.connect();
    await when(client, () => client.inStep);
    expect(client.socket.recovered).toBe(false);
    expect(client.model.confirmed).toEqual(await boards.folded(board));
  });
});

/** Resolves when the client has come to this board. */
function upTo(client: BoardClient, board: readonly Note[]): Promise<void> {
  return when(client, () => isDeepStrictEqual(client.model.confirmed, board));
}

/** Somebody who adds a note and goes on changing it. */
function worker(ask: Asked, number: number): () => Promise<void> {
  const id = `worker-${number}-note`;
  let base = "";
  let x = 0;
  return async () => {
    const change = key();
    const wanted = { id, x: x++, y: number };
    const first = { ...wanted, text: `of ${number}`, colour: "blue" };
    if (base === "") await ask("create", first, change);
    else await ask("move", { ...wanted, base }, change);
    base = change.idempotencyKey;
    // So that boards differ in their size as well.
    const more = { id: randomId(), x, y: x, text: "", colour: "green" };
    await ask("create", more);
  };
}
