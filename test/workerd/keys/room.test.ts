/** What only an administrator may do with a room: settings, wiping, a new epoch. */
import { describe, expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { evict } from "../support/evict.ts";
import { until } from "../support/inbox.ts";
import { bearer, keyOf } from "../support/keys.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, newRoom, type Page, type Published, post } from "../support/rooms.ts";
import { EventStream } from "../support/stream.ts";

const admin = bearer("admin");
const token = keyOf("all");

const patch = (room: string, body: unknown, headers: Record<string, string> = admin) =>
  ask(`/rooms/${room}`, {
    method: "PATCH",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

type Info = { readonly settings: Readonly<Record<string, unknown>>; readonly head: string };

const info = async (room: string) => (await ask(`/rooms/${room}`, { headers: admin })).json<Info>();

async function log(room: string, event: string, more: object = {}): Promise<string> {
  const response = await post(room, { event, ...more }, admin);
  expect(response.status).toBe(201);
  return (await response.json<Published>()).offset;
}

const kept = async (room: string) => {
  const response = await ask(`/rooms/${room}/events`, { headers: admin });
  return (await response.json<Page>()).events.map(({ event }) => event);
};

const WAYS = [
  ["PATCH", ""],
  ["DELETE", ""],
  ["POST", "/epoch"],
] as const;

describe.each(WAYS)("%s /rooms/{room}%s", (method, path) => {
  const request = (room: string, headers: Record<string, string>) =>
    ask(`/rooms/${room}${path}`, {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(method === "PATCH" && { body: "{}" }),
    });

  it.each(["all", "reader", "writer"] as const)(
    "AUTH-2 HTTP-13 HTTP-14 HTTP-15 needs the scope admin: %s has none",
    async (id) => {
      const room = newRoom();
      await log(room, "a");
      await expectProblem(await request(room, bearer(id)), 403, "forbidden");
      expect(await kept(room)).toEqual(["a"]);
    },
  );

  it("AUTH-2 needs a key", async () => {
    await expectProblem(await request(newRoom(), {}), 401, "unauthorized");
  });

  it("ADDR-1 needs a room's name", async () => {
    await expectProblem(await request("a%20b", admin), 400, "invalid_room");
  });
});

describe("settings of a room", () => {
  it("HTTP-13 hold at once, are told, and outlive an eviction", async () => {
    const room = newRoom();
    const before = await info(room);
    const change = {
      keep: { days: 0.5, events: 10 },
      ephemeral: ["typing"],
      echo: true,
      format: "envelope",
      namespaces: ["/stock"],
      replayLimit: 5,
    };
    const response = await patch(room, change);
    const { settings } = await response.json<Info>();
    const { keep, ...others } = change;
    const bytes = 256_000_000;
    const expected = { ...before.settings, ...others, keep: { ...keep, bytes } };
    expect([response.status, settings]).toEqual([200, expected]);
    for (const evicted of [false, true]) {
      if (evicted) await evict(room);
      expect((await info(room)).settings).toEqual(expected);
      const client = await Client.joined(room, { token });
      client.send('421["typing",{"data":1}]');
      expect((await client.event()).name).toBe("typing");
      expect(await client.frame()).toBe('431[{"offset":null,"ephemeral":true}]');
      client.send('42["chat",{"data":1}]');
      const { name, args, offset } = await client.event();
      expect([name, args]).toEqual(["chat", [{ id: offset, data: 1 }]]);
      client.close();
    }
    const back = await patch(room, {
      keep: null,
      ephemeral: null,
      echo: null,
      format: null,
      namespaces: null,
      replayLimit: null,
    });
    expect((await back.json<Info>()).settings).toEqual(before.settings);
  });

  it("HTTP-13 KEEP-1 less to keep goes at once", async () => {
    const room = newRoom();
    await post(room, { events: Array.from({ length: 30 }, (_, n) => ({ event: `e${n}` })) }, admin);
    await patch(room, { keep: { events: 2 } });
    // In the room's next turn.
    await until(async () => (await kept(room)).length < 30, "the log to be trimmed");
    expect(await kept(room)).toEqual(["e28", "e29"]);
  });

  it.each<[string, unknown, string]>([
    ["an unknown member", { pingInterval: 5 }, "pingInterval"],
    ["an address to call (BAD-88)", { webhook: "http://127.0.0.1/" }, "webhook"],
    ["an unknown member of keep", { keep: { hours: 1 } }, "keep"],
    ["no days", { keep: { days: 0 } }, "keep.days"],
    ["too many days", { keep: { days: 1e6 } }, "keep.days"],
    ["a part of an event", { keep: { events: 1.5 } }, "keep.events"],
    ["no bytes", { keep: { bytes: "1" } }, "keep.bytes"],
    ["another format", { format: "xml" }, "format"],
    ["no truth", { echo: "yes" }, "echo"],
    ["no list", { ephemeral: "typing" }, "ephemeral"],
    ["too many names", { ephemeral: Array(65).fill("a") }, "ephemeral"],
    ["a long name", { ephemeral: ["x".repeat(129)] }, "ephemeral"],
    ["no namespace", { namespaces: ["stock"] }, "one begins with a slash"],
    ["a limit of none", { replayLimit: 0 }, "replayLimit"],
    ["a list", [], ""],
    ["not JSON", "{", ""],
  ])("HTTP-13 %s is refused, and nothing changes", async (_, change, name) => {
    const room = newRoom();
    const before = await info(room);
    const { detail } = await expectProblem(await patch(room, change), 400, "invalid_body");
    expect(detail).toContain(name);
    expect((await info(room)).settings).toEqual(before.settings);
  });

  it("HTTP-13 takes JSON only", async () => {
    const response = await patch(newRoom(), "{}", { ...admin, "content-type": "text/plain" });
    await expectProblem(response, 415, "unsupported_media_type");
  });
});

describe("a new beginning", () => {
  const wipe = (room: string) => ask(`/rooms/${room}`, { method: "DELETE", headers: admin });
  const renew = (room: string) => ask(`/rooms/${room}/epoch`, { method: "POST", headers: admin });

  it("HTTP-14 wipes the log: events, keys and all, for good", async () => {
    const room = newRoom();
    const first = await log(room, "a", { idempotencyKey: "k" });
    const response = await wipe(room);
    const { epoch, head } = await response.json<{ epoch: string; head: string }>();
    expect([response.status, head]).toEqual([200, `${epoch}-0`]);
    expect(first.startsWith(epoch)).toBe(false);
    await evict(room);
    expect(await kept(room)).toEqual([]);
    expect((await info(room)).head).toBe(`${epoch}-0`);
    const old = await ask(`/rooms/${room}/events?after=${first}`, { headers: admin });
    expect(await expectProblem(old, 410, "gap")).toMatchObject({ reason: "epoch" });
    // The key is another event's now.
    expect(await log(room, "b", { idempotencyKey: "k" })).toBe(`${epoch}-1`);
  });

  it.each([false, true])(
    "HTTP-14 SUB-16 clients that sleep are told and go on (evicted before: %s)",
    async (asleep) => {
      const room = newRoom();
      const offset = await log(room, "a");
      const client = await Client.joined(room, { token });
      if (asleep) await evict(room);
      const { epoch, head } = await (await wipe(room)).json<{ epoch: string; head: string }>();
      const gap = { requested: offset, first: null, head, reason: "epoch" };
      expect(await client.event()).toEqual({ name: "roomlog:gap", args: [gap], offset: head });
      await evict(room);
      const next = await log(room, "b");
      expect(next).toBe(`${epoch}-1`);
      expect(await client.event()).toEqual({ name: "b", args: [], offset: next });
      client.close();
      const again = await Client.joined(room, { token, pid: client.me.pid, offset: next });
      expect(again.me).toEqual(client.me);
    },
  );

  it("HTTP-14 HTTP-10 an event stream is told and goes on", async () => {
    const room = newRoom();
    const offset = await log(room, "a");
    const stream = await EventStream.open(room, "", bearer("all"));
    await stream.next();
    const { head } = await (await wipe(room)).json<{ head: string }>();
    const gap = { requested: offset, first: null, head, reason: "epoch" };
    expect(await stream.next()).toEqual(["roomlog:gap", gap, head]);
    const next = await log(room, "b");
    expect(await stream.next()).toMatchObject(["message", { event: "b" }, next]);
    await stream.close();
  });

  it("HTTP-15 SUB-16 keeps the events, and tells all of them again", async () => {
    const room = newRoom();
    const offset = await log(room, "a", { idempotencyKey: "k" });
    const client = await Client.joined(room, { token });
    const response = await renew(room);
    const { epoch, head } = await response.json<{ epoch: string; head: string }>();
    expect([response.status, head]).toEqual([200, `${epoch}-1`]);
    const gap = { requested: offset, first: head, head, reason: "epoch" };
    const reached = `${epoch}-0`;
    expect(await client.event()).toEqual({ name: "roomlog:gap", args: [gap], offset: reached });
    expect(await client.event()).toEqual({ name: "a", args: [], offset: head });
    await evict(room);
    const repeat = await post(room, { event: "a", idempotencyKey: "k" }, admin);
    expect(await repeat.json()).toEqual({ offset: head, duplicate: true });
    expect(await log(room, "b")).toBe(`${epoch}-2`);
    expect((await client.event()).name).toBe("b");
  });
});
