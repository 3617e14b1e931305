/** What an operator sees of a room in the real runtime. */
import { listDurableObjectIds, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it, vi } from "vitest";
import { Client } from "../support/client.ts";
import { evict } from "../support/evict.ts";
import { bearer } from "../support/keys.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, newRoom, post, stubOf } from "../support/rooms.ts";

let addresses = 0;

const scrape = (room: string, headers: Record<string, string> = bearer("admin")) =>
  ask(`/rooms/${room}/metrics`, {
    headers: { "cf-connecting-ip": `198.51.100.${++addresses}`, ...headers },
  });

/** A room's samples, by name and further labels. */
async function samples(room: string): Promise<Record<string, number>> {
  const text = await (await scrape(room)).text();
  const lines = text.split("\n").filter((line) => line.startsWith("roomlog_"));
  return Object.fromEntries(
    lines.map((line) => {
      const [, name, labels, value] =
        /^roomlog_(\w+)\{room="[^"]+",?([^}]*)\} (.+)$/.exec(line) ?? [];
      return [`${name}${labels ? `{${labels}}` : ""}`, Number(value)];
    }),
  );
}

const publish = (room: string) =>
  post(room, { event: "e" }, { "cf-connecting-ip": `198.51.100.${++addresses}` });

describe("GET /rooms/{room}/metrics", () => {
  it("HTTP-31 is Prometheus' text, for admins", async () => {
    const response = await scrape(newRoom());
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const before = await listDurableObjectIds(env.ROOMS);
    await expectProblem(await scrape(newRoom(), bearer("all")), 403, "forbidden");
    await expectProblem(await scrape(newRoom(), {}), 401, "unauthorized");
    await expectProblem(
      await scrape(newRoom(), { authorization: "Bearer no.key" }),
      401,
      "unauthorized",
    );
    // Refused before a room is made for them.
    expect(await listDurableObjectIds(env.ROOMS)).toHaveLength(before.length);
    const posted = await ask(`/rooms/${newRoom()}/metrics`, {
      method: "POST",
      headers: { "cf-connecting-ip": "198.51.100.250" },
    });
    expect(posted.headers.get("allow")).toBe("GET");
    await expectProblem(posted, 405, "method_not_allowed");
  });

  it("HTTP-31 asking makes no table, and writes no row", async () => {
    const room = newRoom();
    expect(await samples(room)).toMatchObject({
      rows_written_total: 0,
      sockets: 0,
      starts_total: 1,
    });
    const tables = await runInDurableObject(stubOf(room), (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_schema WHERE name LIKE 'roomlog%'").toArray(),
    );
    expect(tables).toEqual([]);
  });

  it("HTTP-31 rows_written_total counts what an event costs, and alarms", async () => {
    const room = newRoom();
    await publish(room);
    const before = await samples(room);
    await publish(room);
    await publish(room);
    const after = await samples(room);
    expect(after.rows_written_total).toBe((before.rows_written_total ?? 0) + 2);
    expect(before.rows_written_total).toBeGreaterThan(1);
    expect(before.rows_read_total).toBeGreaterThan(0);
    expect(after).toMatchObject({ events_logged_total: 3, turns_total: 3 });
    expect(after.database_bytes).toBeGreaterThan(4_096);
  });

  it("HTTP-31 alarms_total counts the alarms that rang", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    expect((await samples(room)).alarms_total).toBe(0);
    expect(await runDurableObjectAlarm(stubOf(room))).toBe(true);
    expect(await samples(room)).toMatchObject({ alarms_total: 1, sockets: 1, sessions: 1 });
    client.close();
  });

  it("HTTP-31 begins anew with each instance, and says since when", async () => {
    const room = newRoom();
    await publish(room);
    const before = await samples(room);
    const seconds = Date.now() / 1_000;
    expect(before.start_time_seconds).toBeGreaterThan(seconds - 60);
    expect(before.start_time_seconds).toBeLessThanOrEqual(seconds);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 5_000 });
    await evict(room);
    const after = await samples(room);
    vi.useRealTimers();
    expect(after).toMatchObject({ events_logged_total: 0, starts_total: 1 });
    expect((after.start_time_seconds ?? 0) - (before.start_time_seconds ?? 0)).toBeGreaterThan(4);
  });

  it("ENG-14 HTTP-31 counts the handshakes that it refuses", async () => {
    const room = newRoom();
    const address = { "cf-connecting-ip": `198.51.100.${++addresses}` };
    const path = `/rooms/${room}/socket.io/?EIO=4&transport=polling`;
    for (let i = 0; i < 3; i++) await ask(path, { headers: address });
    expect(await samples(room)).toMatchObject({ 'refusals_total{code="overloaded"}': 1 });
  });
});

describe("points for Analytics Engine", () => {
  it("are written by a room that works, and add up to what it did", async () => {
    const write = vi.spyOn(env.ANALYTICS as AnalyticsEngineDataset, "writeDataPoint");
    const room = newRoom();
    vi.useFakeTimers({ toFake: ["Date"] });
    for (let i = 0; i < 6; i++) {
      await publish(room);
      vi.setSystemTime(Date.now() + 5_000);
    }
    const counted = await samples(room);
    vi.useRealTimers();
    const points = write.mock.calls.map(([point]) => point);
    expect(points.map((point) => [point?.indexes, point?.blobs])).toEqual(
      Array(3).fill([[room], [room]]),
    );
    const sum = (i: number) =>
      points.reduce((total, point) => total + (point?.doubles?.[i - 1] ?? 0), 0);
    // The sixth event comes 5 s after the last point.
    expect([sum(1), sum(9)]).toEqual([1, 5]);
    expect(sum(20)).toBe((counted.rows_written_total ?? 0) - 1);
    vi.restoreAllMocks();
  });
});
