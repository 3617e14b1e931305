// What a room keeps, and what it says of the rest, as a stock client and curl see it.
import { io, type Socket } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { localRelay } from "../support/local-relay.ts";

type Gap = { readonly requested: string; readonly first: string; readonly reason: string };

function join(url: string, room: string, auth: object = {}): Socket {
  return io(url, {
    path: `/rooms/${room}/socket.io`,
    transports: ["websocket"],
    forceNew: true,
    reconnection: false,
    auth,
  });
}

const connected = (socket: Socket) =>
  new Promise<void>((resolve) => socket.once("connect", resolve));

async function publish(url: string, room: string, body: object): Promise<Response> {
  return await fetch(`${url}/rooms/${room}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

describe("a relay that keeps few events", () => {
  const relay = localRelay({ bindings: { KEEP_EVENTS: "20", REPLAY_LIMIT: "15" } });

  it("KEEP-1 SUB-6 a client that was away too long is told, and gets what is kept", async () => {
    const socket = join(relay.url, "few");
    relay.release(socket);
    await connected(socket);
    const first = new Promise<string>((resolve) =>
      socket.once("n", (_: number, offset: string) => resolve(offset)),
    );
    await publish(relay.url, "few", { event: "n", data: 0 });
    const requested = await first;
    socket.disconnect();
    const events = Array.from({ length: 100 }, (_, n) => ({ event: "n", data: n + 1 }));
    expect((await publish(relay.url, "few", { events })).status).toBe(201);

    const seen: number[] = [];
    socket.on("n", (n: number) => seen.push(n));
    const gap = new Promise<Gap>((resolve) => socket.once("roomlog:gap", resolve));
    const live = new Promise((resolve) => socket.once("roomlog:live", resolve));
    socket.connect();
    expect(await gap).toMatchObject({ requested, reason: "trimmed" });
    expect(socket.recovered).toBe(false);
    await live;
    expect(seen).toEqual(Array.from({ length: 15 }, (_, i) => 86 + i));

    const history = await fetch(`${relay.url}/rooms/few/events?after=${requested}`);
    expect(history.status).toBe(410);
    const kept = await fetch(`${relay.url}/rooms/few/events`);
    expect(await kept.json()).toMatchObject({ events: { length: 20 } });
  });
});

describe("a relay whose rooms may have few bytes", () => {
  const relay = localRelay({ bindings: { STORAGE_LIMIT: "1000000" } });

  it("KEEP-2 refuses new events when a room is full, and goes on serving what is stored", async () => {
    const event = { event: "big", data: "x".repeat(100_000) };
    let last: Response;
    let stored = -1;
    do {
      last = await publish(relay.url, "full", { ...event, idempotencyKey: `k${++stored}` });
    } while (last.status === 201 && stored < 1_000);
    expect(last.status).toBe(507);
    expect(await last.json()).toMatchObject({ code: "storage_full" });
    // It is looked at now and then.
    expect(stored).toBeLessThan(30);

    const again = await publish(relay.url, "full", { ...event, idempotencyKey: "k0" });
    expect([again.status, await again.json()]).toMatchObject([200, { duplicate: true }]);
    const socket = join(relay.url, "full", { offset: "0" });
    relay.release(socket);
    const seen: string[] = [];
    socket.on("big", (data: string) => seen.push(data));
    await new Promise((resolve) => socket.once("roomlog:live", resolve));
    expect(seen).toHaveLength(stored);
    expect(await socket.emitWithAck("small")).toMatchObject({ error: { code: "storage_full" } });
    // Another room is another database.
    expect((await publish(relay.url, "empty", event)).status).toBe(201);
  });
});
