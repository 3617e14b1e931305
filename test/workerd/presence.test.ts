/** Who is here, in the real runtime: hibernation, the alarm, and HTTP without any key. */
import { runInDurableObject } from "cloudflare:test";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Client, type Event, readEvent } from "./support/client.ts";
import { alarmOf, pass, stopClock } from "./support/clock.ts";
import { evict } from "./support/evict.ts";
import { until } from "./support/inbox.ts";
import { Poller } from "./support/poller.ts";
import { expectProblem } from "./support/problem.ts";
import { ask, newRoom, publish, stubOf } from "./support/rooms.ts";

const GRACE = 10_000;

beforeEach(() => stopClock());
afterEach(() => void vi.useRealTimers());

type Watcher = Client & { readonly me: { readonly sid: string; readonly pid: string } };

/** A client that watches, and has been told who is here. */
async function watcherOf(room: string, ...others: string[]): Promise<Watcher> {
  const watcher = await Client.joined(room, { presence: true });
  const { name, args } = await watcher.event();
  const [{ members }] = args as [{ members: { id: string }[] }];
  expect([name, members.map(({ id }) => id)]).toEqual([
    "roomlog:presence",
    [...others, watcher.me.sid],
  ]);
  return watcher;
}

/** The events of two turns of the room: what waited when it was asked for came in the first. */
async function told(room: string, client: Client): Promise<Event[]> {
  await publish(room, "turn");
  await publish(room, "last");
  const frames = await client.frames.until((frame) => frame.startsWith('42["last"'), "the last");
  const events = frames.filter((frame) => frame.startsWith("42")).map(readEvent);
  return events.filter(({ name }) => name.startsWith("roomlog:"));
}

/** Waits until the room has stored that somebody left. */
async function untilStored(room: string, id: string): Promise<void> {
  const is = async () => JSON.stringify(await stored(room)) === JSON.stringify([{ id }]);
  await until(is, "the row of who left");
}

const leave = (id: string, reason: string) => ({
  name: "roomlog:leave",
  args: [{ id, identity: null, reason }],
});

function stored(room: string): Promise<unknown[]> {
  return runInDurableObject(stubOf(room), (_, { storage }) =>
    storage.sql.exec("SELECT id FROM roomlog_presence").toArray(),
  );
}

describe("PRES-7 a watcher whose room is evicted", () => {
  it("knows who came before, and hears who comes and goes afterwards", async () => {
    const room = newRoom();
    const ann = await Client.joined(room, { data: "Ann" });
    const watcher = await watcherOf(room, ann.me.sid);
    await evict(room);
    const bob = await Client.joined(room, { data: "Bob" });
    expect(await watcher.event()).toMatchObject({
      name: "roomlog:join",
      args: [{ id: bob.me.sid, data: "Bob" }],
    });
    await evict(room);
    ann.send("41");
    expect(await watcher.event()).toMatchObject(leave(ann.me.sid, "client namespace disconnect"));
    expect(await stored(room)).toEqual([]);
  });

  it("is not told of one that resumes, before it and after it", async () => {
    const room = newRoom();
    const ann = await Client.joined(room);
    const watcher = await watcherOf(room, ann.me.sid);
    ann.close();
    await untilStored(room, ann.me.sid);
    await evict(room);
    const again = await Client.joined(room, { pid: ann.me.pid });
    expect(again.me.sid).toBe(ann.me.sid);
    await pass(room, GRACE);
    await evict(room);
    await Client.joined(room, { pid: ann.me.pid });
    await pass(room, GRACE);
    expect(await told(room, watcher)).toEqual([]);
    expect(await stored(room)).toEqual([]);
  });

  it("is told of one that does not come back, by the alarm", async () => {
    const room = newRoom();
    const ann = await Client.joined(room);
    const watcher = await watcherOf(room, ann.me.sid);
    ann.close();
    await untilStored(room, ann.me.sid);
    await evict(room);
    const due = await alarmOf(room);
    expect(due).toBeLessThanOrEqual(30_000);
    await pass(room, Number(due));
    const frames = await watcher.frames.until((frame) => frame.startsWith("42"), "a leave");
    expect(readEvent(frames.at(-1) ?? "")).toMatchObject(leave(ann.me.sid, "transport close"));
    expect(await stored(room)).toEqual([]);
  });

  it("is told of those who polled and died with it", async () => {
    const room = newRoom();
    const watcher = await watcherOf(room);
    const poller = await Poller.joined(room, { data: "Ann" });
    expect(await watcher.event()).toMatchObject({ name: "roomlog:join" });
    await evict(room);
    await publish(room, "wake");
    expect(await watcher.event()).toMatchObject({ name: "wake" });
    await pass(room, GRACE);
    expect(await watcher.event()).toMatchObject(leave(poller.me.sid, "transport close"));
    expect(await stored(room)).toEqual([]);
  });
});

describe("PRES-1 GET /rooms/{room}/sockets", () => {
  it("shows those who are here, also after an eviction", async () => {
    const room = newRoom();
    const client = await Client.joined(room, { data: [1, { a: "ä" }] });
    const since = new Date().toISOString();
    vi.setSystemTime(Date.now() + 5_000);
    await evict(room);
    const response = await ask(`/rooms/${room}/sockets`);
    expect([response.status, await response.json()]).toEqual([
      200,
      {
        sockets: [
          {
            id: client.me.sid,
            identity: null,
            data: [1, { a: "ä" }],
            since,
            namespace: "/",
            transport: "websocket",
          },
        ],
      },
    ]);
  });

  it("comes in pages", async () => {
    const room = newRoom();
    for (let i = 0; i < 3; i++) await Client.joined(room);
    type Listed = { readonly sockets: readonly { readonly id: string }[]; readonly next?: string };
    const page = async (query: string) =>
      (await ask(`/rooms/${room}/sockets${query}`)).json<Listed>();
    const { sockets, next } = await page("?limit=2");
    expect([sockets.length, next]).toEqual([2, sockets[1]?.id]);
    const last = await page(`?limit=2&after=${next}`);
    expect([last.sockets.length, last.next]).toEqual([1, undefined]);
    expect((await page("?limit=5000&namespace=/orders")).sockets).toEqual([]);
  });

  it.each(["limit=0", "limit=x", "limit=", "what=1", "after=1&after=2&limit=-1"])(
    "?%s is refused",
    async (query) => {
      const response = await ask(`/rooms/${newRoom()}/sockets?${query}`);
      await expectProblem(response, 400, "invalid_query");
    },
  );

  it("with another method says which would do", async () => {
    const room = newRoom();
    for (const [path, method, allow] of [
      ["sockets", "PUT", "GET, POST, DELETE"],
      ["sockets/x", "GET", "POST, DELETE"],
    ] as const) {
      const response = await ask(`/rooms/${room}/${path}`, { method });
      expect(response.headers.get("allow")).toBe(allow);
      await expectProblem(response, 405, "method_not_allowed");
    }
  });
});

it("PRES-2 PRES-3 disconnecting and moving sockets is not for the anonymous", async () => {
  const room = newRoom();
  const client = await Client.joined(room);
  for (const path of [`sockets/${client.me.sid}`, "sockets?identity=key:x"]) {
    for (const method of ["DELETE", "POST"]) {
      const response = await ask(`/rooms/${room}/${path}`, { method });
      await expectProblem(response, 401, "unauthorized");
    }
  }
  expect(await client.settled()).toEqual([]);
  expect(client.isClosed).toBe(false);
});
