/** The object looks at the rights of whoever asks by itself, whatever the Worker has let through. */
import { expect, test } from "vitest";
import { renew } from "../../src/room/beginning.ts";
import { configure, readInfo, readMetrics } from "../../src/room/info.ts";
import { Harness, SETTINGS } from "../support/room-harness.ts";

const size = () => 0;
const claims = (scope: "read" | "write" | "presence" | "admin", rooms = ["*"]) => ({
  identity: "sub:ann",
  scope: [scope],
  rooms,
});

const MAY_NOT = [
  ["reads", claims("read")],
  ["writes", claims("write")],
  ["sees who is here", claims("presence")],
  ["is another room's admin", claims("admin", ["hall"])],
] as const;

test.each(MAY_NOT)("AUTH-2 whoever only %s changes nothing and counts nothing", (_, some) => {
  const { room, counters } = new Harness();
  const { epoch } = room.log;
  expect(renew(room, "lobby", some, false)).toBeUndefined();
  expect(renew(room, "lobby", some, true)).toBeUndefined();
  expect(room.log.epoch).toBe(epoch);
  expect(configure(room, "lobby", some, { echo: true }, SETTINGS)).toBeUndefined();
  expect(room.behaviour.echo).toBe(false);
  expect(readMetrics(room, "lobby", some, size, counters)).toBeUndefined();
});

test("AUTH-2 an admin does all of it", () => {
  const { room, counters } = new Harness();
  const admin = claims("admin");
  expect(configure(room, "lobby", admin, { echo: true }, SETTINGS)).toMatchObject({ echo: true });
  expect(readMetrics(room, "lobby", admin, size, counters)).toContain("roomlog_");
  expect(readInfo(room, "lobby", admin, size, SETTINGS)).toMatchObject({ room: "lobby" });
  expect(renew(room, "lobby", admin, false)).toEqual({ epoch: "ep0ch", head: "ep0ch-0" });
});

test("AUTH-2 a room's state is told to whoever reads", () => {
  const { room } = new Harness();
  expect(readInfo(room, "lobby", claims("read"), size, SETTINGS)).toMatchObject({ sockets: 0 });
  expect(readInfo(room, "lobby", claims("write"), size, SETTINGS)).toBeUndefined();
});
