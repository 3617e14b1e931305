/** Limits as the stock client meets them. */
import { io } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { localRelay } from "../support/local-relay.ts";

const relay = localRelay({
  bindings: { EMIT_RATE: "2", EMIT_BURST: "5", MAX_SOCKETS: "2", PACKET_BURST: "200" },
});

let rooms = 0;

const connect = (room: string, options: object = {}) => {
  const socket = io(relay.url, { path: `/rooms/${room}/socket.io`, forceNew: true, ...options });
  relay.release(socket);
  return socket;
};

const newRoom = () => `limits-${++rooms}`;

const history = async (room: string): Promise<unknown[]> => {
  const page = await fetch(`${relay.url}/rooms/${room}/events?limit=1000`);
  const { events } = (await page.json()) as { events: { args: unknown[] }[] };
  return events.map(({ args }) => args[0]);
};

describe("the stock client", () => {
  it("EMIT-9 EMIT-5 with retries gets all of its events in, in order, each once", async () => {
    const room = newRoom();
    const socket = connect(room, { retries: 50, ackTimeout: 100 });
    const told = new Promise<unknown>((resolve) => socket.once("roomlog:refused", resolve));
    const numbers = Array.from({ length: 9 }, (_, i) => i);
    const acks = numbers.map((i) => {
      const { promise, resolve, reject } = Promise.withResolvers<unknown>();
      socket.emit("e", i, { idempotencyKey: `k${i}` }, (error: unknown, ack: unknown) =>
        error ? reject(error) : resolve(ack),
      );
      return promise;
    });
    for (const ack of await Promise.all(acks)) expect(ack).toMatchObject({ offset: /-\d+$/ });
    expect(await told).toMatchObject({ code: "rate_limited", retryAfter: expect.any(Number) });
    expect(await history(room)).toEqual(numbers);
  });

  it("ENG-15 hears that a room is full, and comes in once somebody has left", async () => {
    const room = newRoom();
    const inside = [connect(room), connect(room)];
    await Promise.all(
      inside.map((socket) => new Promise<void>((resolve) => socket.once("connect", resolve))),
    );
    const socket = connect(room);
    const error = await new Promise<Error & { data?: unknown }>((resolve) =>
      socket.once("connect_error", resolve),
    );
    expect([error.message, error.data]).toEqual(["The room is full", { code: "room_full" }]);
    inside[0]?.disconnect();
    const connected = new Promise<void>((resolve) => socket.once("connect", resolve));
    socket.on("connect_error", () => socket.connect());
    socket.connect();
    await connected;
    expect(socket.connected).toBe(true);
  });

  it("BAD-72 ENG-13 that floods without acks is closed, and comes back", async () => {
    const room = newRoom();
    const bystander = connect(room);
    await new Promise<void>((resolve) => bystander.once("connect", resolve));
    const flooder = connect(room, { transports: ["websocket"], reconnectionDelay: 1 });
    await new Promise<void>((resolve) => flooder.once("connect", resolve));
    const closed = new Promise((resolve) =>
      flooder.once("disconnect", (reason, details) => resolve({ reason, details })),
    );
    for (let i = 0; i < 10_000; i++) flooder.emit("flood", i);
    expect(await closed).toMatchObject({
      reason: "transport close",
      details: { context: { code: 1008, reason: "too many packets" } },
    });
    await new Promise<void>((resolve) => flooder.once("connect", resolve));
    expect(bystander.connected).toBe(true);
    const ack = await bystander.timeout(5_000).emitWithAck("still here");
    expect(ack).toMatchObject({ duplicate: false });
  });
});
