/** The oracle of every bad input (LIFE-3): a healthy client beside it notices nothing. */
import { runInDurableObject } from "cloudflare:test";
import { expect } from "vitest";
import type { Room } from "../../../src/platform/room.ts";
import { Client } from "./client.ts";
import { soon, until } from "./inbox.ts";
import { leftOpen } from "./left-open.ts";
import { instanceOf, publish, seqOf, stubOf } from "./rooms.ts";

/**
 * Runs `bad` beside a healthy client of the same room, which has to go on receiving in order, from
 * the same instance of the room's object: no reset. `bad` has to be over within seconds. What the
 * room then holds for clients is what it held before, once those that `bad` left open have gone.
 */
export async function besideHealthy<T>(room: string, bad: () => Promise<T>): Promise<T> {
  const healthy = await Client.joined(room);
  const first = seqOf(await publish(room, "before"));
  const instance = await instanceOf(room);
  const others = new Set(leftOpen);
  const held = await holdings(room);
  const result = await soon(bad(), "the bad input to be answered");
  const last = seqOf(await publish(room, "after"));
  const count = last - first + 1;
  const events = await healthy.events(count);
  expect([events[0]?.name, events.at(-1)?.name]).toEqual(["before", "after"]);
  expect(events.map(({ offset }) => seqOf(offset))).toEqual(
    Array.from({ length: count }, (_, i) => first + i),
  );
  expect(await healthy.emit("still here")).toMatchObject({ duplicate: false });
  expect(await instanceOf(room)).toBe(instance);
  // One that is handed on is still needed.
  const left = [...leftOpen].filter((client) => !others.has(client) && client !== result);
  for (const client of left) await client.leave();
  const kept = result instanceof Client ? 1 : 0;
  const isBack = async () => (await holdings(room)).webSockets === held.webSockets + kept;
  await until(isBack, "the room to hold no more WebSockets than before");
  expect((await holdings(room)).joined).toBeLessThanOrEqual(held.joined + kept);
  healthy.close();
  return result;
}

/** What a room holds for clients: its WebSockets, and the sockets that have joined. */
function holdings(room: string): Promise<{ webSockets: number; joined: number }> {
  return runInDurableObject(stubOf(room), (instance, state) => ({
    webSockets: state.getWebSockets().length,
    joined: (instance as unknown as Room).sockets.length,
  }));
}
