/** The object looks at the rights of whoever asks by itself, whatever the Worker has let through. */
import { expect, test } from "vitest";
import type { Claims } from "../../src/auth/access.ts";
import { renew } from "../../src/room/beginning.ts";
import { history } from "../../src/room/history.ts";
import { configure, readInfo, readMetrics } from "../../src/room/info.ts";
import { publish } from "../../src/room/publish.ts";
import { disconnectSockets, listSockets, moveSockets } from "../../src/room/sockets.ts";
import { openStream } from "../../src/room/streams.ts";
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

const FORBIDDEN = { kind: "forbidden" };

/** All that can be asked of a room over HTTP, of a socket that is here. */
function asks({ room, counters }: Harness, id: string) {
  const whom = { id };
  const event = {
    ...{ name: "e", namespace: "/", data: '["e"]', attachments: [], audience: null },
    ...{ idempotencyKey: null, ephemeral: false },
  };
  const events = [event];
  return {
    publish: (claims: Claims) => publish(room, "lobby", { claims, events }),
    import: (claims: Claims) => publish(room, "lobby", { claims, events, logged: true }),
    history: (claims: Claims) => history(room, "lobby", { claims, order: "asc", limit: 1 }),
    export: (claims: Claims) => openStream(room, "lobby", { claims, form: "lines" }),
    follow: (claims: Claims) => openStream(room, "lobby", { claims, form: "events" }),
    info: (claims: Claims) => readInfo(room, "lobby", claims, size, SETTINGS),
    metrics: (claims: Claims) => readMetrics(room, "lobby", claims, size, counters),
    configure: (claims: Claims) => configure(room, "lobby", claims, { echo: true }, SETTINGS),
    list: (claims: Claims) => listSockets(room, "lobby", { claims, limit: 1 }),
    move: (claims: Claims) =>
      moveSockets(room, "lobby", { claims, whom, join: ["red"], leave: [] }),
    disconnect: (claims: Claims) => disconnectSockets(room, "lobby", { claims, whom }),
    wipe: (claims: Claims) => renew(room, "lobby", claims, false),
  } as const;
}

test.each(MAY_NOT)("AUTH-2 whoever only %s changes nothing and counts nothing", (_, some) => {
  const { room, counters } = new Harness();
  const { epoch } = room.log;
  expect(renew(room, "lobby", some, false)).toEqual(FORBIDDEN);
  expect(renew(room, "lobby", some, true)).toEqual(FORBIDDEN);
  expect(room.log.epoch).toBe(epoch);
  expect(configure(room, "lobby", some, { echo: true }, SETTINGS)).toEqual(FORBIDDEN);
  expect(room.behaviour.echo).toBe(false);
  expect(readMetrics(room, "lobby", some, size, counters)).toEqual(FORBIDDEN);
});

test("AUTH-2 an admin does all of it", () => {
  const { room, counters } = new Harness();
  const admin = claims("admin");
  const answer = (value: unknown) => ({ kind: "answer", value });
  expect(configure(room, "lobby", admin, { echo: true }, SETTINGS)).toMatchObject(
    answer({ echo: true }),
  );
  expect(readMetrics(room, "lobby", admin, size, counters)).toEqual(
    answer(expect.stringContaining("roomlog_")),
  );
  expect(readInfo(room, "lobby", admin, size, SETTINGS)).toMatchObject(answer({ room: "lobby" }));
  expect(renew(room, "lobby", admin, false)).toEqual(answer({ epoch: "ep0ch", head: "ep0ch-0" }));
});

test("AUTH-2 a room's state is told to whoever reads", () => {
  const { room } = new Harness();
  expect(readInfo(room, "lobby", claims("read"), size, SETTINGS)).toMatchObject({
    value: { sockets: 0 },
  });
  expect(readInfo(room, "lobby", claims("write"), size, SETTINGS)).toEqual(FORBIDDEN);
});

test("AUTH-4 whose token has run out gets and changes nothing, however much it allowed", async () => {
  const h = new Harness();
  const member = await h.join();
  const { epoch } = h.log;
  const late = { ...claims("admin"), expiresAt: h.now };
  for (const [what, ask] of Object.entries(asks(h, member.id))) {
    const answer = ask(late);
    await h.settle();
    expect([what, await answer]).toEqual([what, { kind: "token_expired" }]);
  }
  expect([h.log.head, h.log.epoch, h.room.behaviour.echo]).toEqual([0, epoch, false]);
  expect([h.room.members.size, member.wire.closed]).toEqual([1, undefined]);
});

test("AUTH-4 a token holds up to its very end", async () => {
  const h = new Harness();
  const member = await h.join();
  const inTime = { ...claims("admin"), expiresAt: h.now + 1 };
  for (const [what, ask] of Object.entries(asks(h, member.id))) {
    const answer = ask(inTime);
    await h.settle();
    expect([what, (await answer).kind]).not.toEqual([what, "token_expired"]);
  }
});
