/** What clients do in a room with code, in steps, so that something bad can happen after any. */
import { expect, vi } from "vitest";
import { Client } from "../support/client.ts";
import { pass, stopClock } from "../support/clock.ts";
import { evict } from "../support/evict.ts";
import { bearer } from "../support/keys.ts";
import { ask, newRoom, type Page, type Published, post, untilSockets } from "../support/rooms.ts";

/** A backend sees all of the log, and may publish where code handles clients' events. */
const BACKEND = bearer("all");

class World {
  readonly room = newRoom();
  ann!: Client & { readonly me: { readonly sid: string; readonly pid: string } };
  bob!: Client;
  offset = "";

  /** What was stored, by its count. */
  async notes(): Promise<unknown> {
    return await this.bob.emit("count");
  }
}

type Step = { readonly name: string; run(world: World): Promise<void> };

async function hello(client: Client): Promise<unknown> {
  const { name, args } = await client.event();
  expect(name).toBe("hello");
  return args[0];
}

export const STORY: readonly Step[] = [
  {
    name: "ann joins a room as she connects",
    run: async (w) => {
      w.ann = await Client.joined(w.room, { name: "ann", room: "red" });
      expect(await hello(w.ann)).toEqual({ name: "ann", rooms: 2 });
    },
  },
  {
    name: "bob connects",
    run: async (w) => {
      w.bob = await Client.joined(w.room, { name: "bob" });
      expect(await hello(w.bob)).toEqual({ name: "bob", rooms: 1 });
    },
  },
  {
    name: "bob whispers to ann's room",
    run: async (w) => {
      expect(await w.bob.emit("whisper", "red", "psst")).toMatchObject({ duplicate: false });
      const { name, args, offset } = await w.ann.event();
      expect([name, args]).toEqual(["whisper", ["psst", "bob"]]);
      w.offset = offset;
    },
  },
  {
    name: "ann joins another room",
    run: async (w) => void expect(await w.ann.emit("join", "blue")).toEqual(["red", "blue"]),
  },
  {
    name: "bob writes a note, and retries",
    run: async (w) => {
      const first = await w.bob.emit("note", "one", { idempotencyKey: "n1" });
      const second = await w.bob.emit("note", "one", { idempotencyKey: "n1" });
      expect(second).toEqual({ ...(first as object), duplicate: true });
      w.offset = (await w.ann.event()).offset;
      expect(await w.notes()).toBe(1);
    },
  },
  {
    name: "bob's handler throws, and all of it is undone",
    run: async (w) => {
      expect(await w.bob.emit("half", "two")).toMatchObject({ error: { code: "internal" } });
      expect(await w.notes()).toBe(1);
    },
  },
  {
    name: "ann's connection breaks",
    run: async (w) => {
      w.ann.close();
      await untilSockets(w.room, 1);
      const gone = await w.bob.event();
      expect([gone.name, gone.args]).toEqual(["gone", ["ann", "transport close"]]);
    },
  },
  {
    name: "she misses whispers, to her rooms and to another",
    run: async (w) => {
      for (const room of ["blue", "green", "red"]) {
        expect(await w.bob.emit("whisper", room, room)).toMatchObject({ duplicate: false });
      }
    },
  },
  {
    name: "she resumes, with her id, rooms and data",
    run: async (w) => {
      const { pid, sid } = w.ann.me;
      w.ann = await Client.joined(w.room, { pid, offset: w.offset });
      expect(w.ann.me).toEqual({ pid, sid });
      expect(await hello(w.ann)).toEqual({ name: "ann", rooms: 3 });
      const events = await w.ann.events(4);
      expect(events.map(({ name, args }) => [name, args[0]])).toEqual([
        ["gone", "ann"],
        ["whisper", "blue"],
        ["whisper", "red"],
        ["roomlog:live", expect.anything()],
      ]);
      expect(await w.ann.emit("leave", "red")).toEqual(["blue"]);
    },
  },
  {
    name: "bob asks for something later",
    run: async (w) => void expect(await w.bob.emit("later", "three", 20_000)).toBe("scheduled"),
  },
  {
    name: "an ephemeral event",
    run: async (w) => {
      expect(await w.bob.emit("wave")).toEqual({ offset: null, ephemeral: true });
      expect((await w.ann.event()).name).toBe("wave");
    },
  },
  {
    name: "bob writes slowly",
    run: async (w) => {
      vi.useRealTimers();
      const acked = w.bob.emit("slow", "four");
      expect(await acked).toMatchObject({ duplicate: false });
      expect((await w.ann.event()).name).toBe("slow");
      stopClock();
    },
  },
  {
    name: "later has come",
    run: async (w) => {
      const rang = (frame: string) => frame.includes('"rang"');
      await pass(w.room, 20_000);
      await w.bob.frames.until(rang, "the bell");
      await w.ann.frames.until(rang, "the bell");
      expect(await w.notes()).toBe(3);
    },
  },
  {
    name: "bob is shown the door",
    run: async (w) => {
      w.bob.send('42["leave me"]');
      expect(await w.bob.frame()).toBe("41");
      const gone = await w.ann.event();
      expect([gone.name, gone.args]).toEqual(["gone", ["bob", "server namespace disconnect"]]);
    },
  },
  {
    name: "ann is still served",
    run: async (w) => {
      const response = await post(w.room, { event: "end" }, BACKEND);
      const { offset } = await response.json<Published>();
      expect(await w.ann.event()).toEqual({ name: "end", args: [], offset });
    },
  },
];

/** Tells the story in a new room, and evicts the room's object after the steps that `evicts` names. */
export async function runStory(evicts: (step: number) => boolean): Promise<void> {
  stopClock();
  try {
    const world = new World();
    for (const [i, step] of STORY.entries()) {
      await step.run(world);
      if (evicts(i)) await evict(world.room);
    }
    const path = `/rooms/${world.room}/events`;
    const { events, epoch } = await (await ask(path, { headers: BACKEND })).json<Page>();
    const names = ["whisper", "note", "gone", "whisper", "whisper", "whisper", "slow", "rang"];
    expect(events.map(({ event }) => event)).toEqual([...names, "gone", "end"]);
    expect(events.map(({ offset }) => offset)).toEqual(events.map((_, i) => `${epoch}-${i + 1}`));
  } finally {
    vi.useRealTimers();
  }
}
