/**
 * A story of everything that clients and backends do in a room, in steps, so that something bad can
 * happen after any of them. Each step checks what it sees; the end checks the whole log.
 */
import { expect, vi } from "vitest";
import { Client, readEvent } from "./client.ts";
import { pass, stopClock } from "./clock.ts";
import { evict } from "./evict.ts";
import { Poller } from "./poller.ts";
import { ask, history, newRoom, type Published, post, publish, untilSockets } from "./rooms.ts";

type Joined<T> = T & { readonly me: { readonly sid: string; readonly pid: string } };

class World {
  readonly room = newRoom();
  /** Offsets by the events' names, as they were answered. */
  readonly offsets = new Map<string, string>();
  reader!: Joined<Client>;
  writer!: Client;
  poller!: Joined<Poller>;
  probe!: Client;
  /** Offset of the last event that the poller was given. */
  reached = "";

  async emit(name: string): Promise<void> {
    const acked = (await this.writer.emit(name, { idempotencyKey: name })) as Published;
    expect(acked.duplicate).toBe(false);
    this.offsets.set(name, acked.offset);
  }

  async publish(name: string): Promise<void> {
    const response = await post(this.room, { event: name, idempotencyKey: name });
    expect(response.status).toBe(201);
    this.offsets.set(name, (await response.json<Published>()).offset);
  }

  /** The client's next frames are exactly these events. */
  async receives(client: Client, ...names: string[]): Promise<void> {
    const expected = names.map((name) => ({ name, args: [], offset: this.offsets.get(name) }));
    expect(await client.events(names.length)).toEqual(expected);
  }

  /**
   * The poller's next event is this one; a poller whose session was lost resumes, as clients do.
   */
  async fetches(name: string): Promise<void> {
    const offset = this.offsets.get(name);
    const packet = await this.poller.packet().catch(async (error: Error) => {
      expect(error.message).toBe('400 {"code":1,"message":"Session ID unknown"}');
      await this.resumePolling();
      return this.poller.packet();
    });
    // After a resume, the end of a replay is told once.
    const event = readEvent(packet);
    if (event.name === "roomlog:live") return this.fetches(name);
    expect(event).toEqual({ name, args: [], offset });
    this.reached = String(offset);
  }

  async resumePolling(): Promise<void> {
    const { pid, sid } = this.poller.me;
    const offset = this.reached === "" ? {} : { offset: this.reached };
    this.poller = await Poller.joined(this.room, { pid, ...offset });
    expect(this.poller.me).toEqual({ pid, sid });
  }
}

type Step = { readonly name: string; run(world: World): Promise<void> };

export const STORY: readonly Step[] = [
  {
    name: "a reader joins",
    run: async (w) => {
      w.reader = await Client.joined(w.room);
    },
  },
  {
    name: "a writer shakes hands",
    run: async (w) => {
      w.writer = await Client.open(w.room);
    },
  },
  { name: "it joins", run: async (w) => void (await w.writer.join()) },
  { name: "it emits", run: (w) => w.emit("e1") },
  { name: "a backend publishes", run: (w) => w.publish("p1") },
  {
    name: "both receive",
    run: async (w) => {
      await w.receives(w.reader, "e1", "p1");
      await w.receives(w.writer, "p1");
    },
  },
  {
    name: "the writer retries",
    run: async (w) => {
      const acked = await w.writer.emit("e1", { idempotencyKey: "e1" });
      expect(acked).toEqual({ offset: w.offsets.get("e1"), duplicate: true });
    },
  },
  {
    name: "the backend retries",
    run: async (w) => {
      const response = await post(w.room, { event: "p1", idempotencyKey: "p1" });
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ offset: w.offsets.get("p1"), duplicate: true });
    },
  },
  {
    name: "the reader leaves",
    run: async (w) => {
      w.reader.close();
      await untilSockets(w.room, 1);
    },
  },
  { name: "it misses an emit", run: (w) => w.emit("e2") },
  {
    name: "and a publish",
    run: async (w) => {
      await w.publish("p2");
      await w.receives(w.writer, "p2");
    },
  },
  {
    name: "it resumes",
    run: async (w) => {
      const { me } = w.reader;
      w.reader = await Client.joined(w.room, { pid: me.pid, offset: w.offsets.get("p1") });
      expect(w.reader.me).toEqual(me);
      await w.receives(w.reader, "e2", "p2");
      const offset = w.offsets.get("p2");
      const live = { name: "roomlog:live", args: [{ offset, replayed: 2 }], offset };
      expect(await w.reader.event()).toEqual(live);
    },
  },
  {
    name: "the alarm rings",
    run: async (w) => {
      await pass(w.room, 25_000);
      for (const client of [w.reader, w.writer]) expect(await client.frame()).toBe("2");
      for (const client of [w.reader, w.writer]) expect(await client.settled()).toEqual([]);
    },
  },
  {
    name: "a poller joins",
    run: async (w) => {
      w.poller = await Poller.joined(w.room);
    },
  },
  { name: "a publish for all", run: (w) => w.publish("p3") },
  {
    name: "all receive, the poller by a GET",
    run: async (w) => {
      await w.receives(w.reader, "p3");
      await w.receives(w.writer, "p3");
      await w.fetches("p3");
    },
  },
  {
    name: "the poller emits",
    run: async (w) => {
      const packet = '427["q1",{"idempotencyKey":"q1"}]';
      if ((await w.poller.post(packet)).status === 400) {
        await w.resumePolling();
        expect((await w.poller.post(packet)).status).toBe(200);
      }
      const ack = (packet: string) => packet.startsWith("437[");
      let answer = await w.poller.packet();
      while (!ack(answer)) answer = await w.poller.packet();
      const [{ offset, duplicate }] = JSON.parse(answer.slice(3));
      expect(duplicate).toBe(false);
      w.offsets.set("q1", offset);
      w.reached = offset;
      await w.receives(w.reader, "q1");
      await w.receives(w.writer, "q1");
    },
  },
  {
    name: "the poller begins an upgrade",
    run: async (w) => {
      const known = await ask(w.poller.path, { method: "POST", body: "3" });
      if (known.status === 400) await w.resumePolling();
      w.probe = await Client.raw(w.poller.path.replace("polling", "websocket"));
      w.probe.send("2probe");
      expect(await w.probe.frame()).toBe("3probe");
    },
  },
  { name: "an emit in between", run: (w) => w.emit("e3") },
  {
    name: "the poller upgrades, or comes back by WebSocket",
    run: async (w) => {
      const { pid } = w.poller.me;
      // An evicted session's probe is closed; one that lives has the event for us.
      if (!w.probe.isClosed) w.probe.send("5");
      const lost = await Promise.race([
        w.probe.closed.then(() => true),
        w.probe.frame().then((frame) => {
          expect(readEvent(frame).offset).toBe(w.offsets.get("e3"));
          return false;
        }),
      ]);
      if (lost) {
        w.probe = await Client.joined(w.room, { pid, offset: w.reached });
        await w.receives(w.probe, "e3");
        expect((await w.probe.event()).name).toBe("roomlog:live");
      }
      await w.receives(w.reader, "e3");
    },
  },
  { name: "a last publish", run: (w) => w.publish("p4") },
  {
    name: "all receive it",
    run: async (w) => {
      for (const client of [w.reader, w.writer, w.probe]) await w.receives(client, "p4");
    },
  },
  {
    name: "the writer disconnects and leaves",
    run: async (w) => {
      w.writer.send("41", "1");
      await w.writer.ended();
    },
  },
  {
    name: "the others are still served",
    run: async (w) => {
      w.offsets.set("end", await publish(w.room, "end"));
      for (const client of [w.reader, w.probe]) await w.receives(client, "end");
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
    const { events, epoch } = await history(world.room);
    const names = ["e1", "p1", "e2", "p2", "p3", "q1", "e3", "p4", "end"];
    expect(events.map(({ event }) => event)).toEqual(names);
    expect(events.map(({ offset }) => offset)).toEqual(names.map((_, i) => `${epoch}-${i + 1}`));
    expect(events.map(({ offset }) => offset)).toEqual(names.map((n) => world.offsets.get(n)));
  } finally {
    vi.useRealTimers();
  }
}
