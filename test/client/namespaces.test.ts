// Namespaces as a user of the stock client meets them.
import { Manager, type Socket } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { clientOptions, SETTING_NAMES } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";

type Received = readonly [name: string, ...args: unknown[]];

/** Collects a socket's events until the one called `name` has come. */
function until(socket: Socket, name: string): Promise<Received[]> {
  const received: Received[] = [];
  return new Promise((resolve) => {
    socket.onAny((...event: Received) => {
      received.push(event);
      if (event[0] === name) resolve(received);
    });
  });
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("connect_error", reject);
  });
}

describe("namespaces of the stock client", () => {
  const relay = localRelay();

  /** Two namespaces over one connection. */
  async function join(room: string, setting: (typeof SETTING_NAMES)[number]) {
    const manager = new Manager(relay.url, clientOptions(room, setting));
    const [main, orders] = [manager.socket("/"), manager.socket("/orders")];
    relay.release(main, orders);
    await Promise.all([connected(main), connected(orders)]);
    return { main, orders };
  }

  it.each(SETTING_NAMES)("ADDR-4 SUB-5 %s: each gets and resumes its own", async (setting) => {
    const room = `namespaces-${setting}`;
    const reader = await join(room, setting);
    const writer = await join(room, setting);
    const seen = { main: until(reader.main, "last"), orders: until(reader.orders, "last") };
    await writer.main.emitWithAck("a", 1);
    await writer.orders.emitWithAck("b", 2);

    // Listened for before: it may be back before the others are acked.
    const back = Promise.all([connected(reader.main), connected(reader.orders)]);
    reader.main.io.engine.close();
    await writer.orders.emitWithAck("c", 3);
    await writer.main.emitWithAck("d", 4);
    await back;
    expect([reader.main.recovered, reader.orders.recovered]).toEqual([true, true]);

    const published = await fetch(`${relay.url}/rooms/${room}/events`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        events: [{ event: "last", namespace: "/orders" }, { event: "last" }],
      }),
    });
    expect(published.status).toBe(201);
    const names = (events: Received[]) =>
      events.map(([name]) => name).filter((name) => name !== "roomlog:live");
    expect(names(await seen.main)).toEqual(["a", "d", "last"]);
    expect(names(await seen.orders)).toEqual(["b", "c", "last"]);
  });

  it("ADDR-4 a name that is none is refused, and the connection goes on", async () => {
    const { main } = await join("namespaces-refused", "default");
    const nested = main.io.socket("/a/b");
    relay.release(nested);
    await expect(connected(nested)).rejects.toThrow("Invalid namespace");
    expect(await main.emitWithAck("still here")).toMatchObject({ duplicate: false });
  });
});
