/** The oracle of every bad input (LIFE-3): a healthy client beside it notices nothing. */
import { expect } from "vitest";
import { Client } from "./client.ts";
import { soon } from "./inbox.ts";
import { instanceOf, publish, seqOf } from "./rooms.ts";

/**
 * Runs `bad` beside a healthy client of the same room, which has to go on receiving in order, from
 * the same instance of the room's object: no reset. `bad` has to be over within seconds.
 */
export async function besideHealthy<T>(room: string, bad: () => Promise<T>): Promise<T> {
  const healthy = await Client.joined(room);
  const first = seqOf(await publish(room, "before"));
  const instance = await instanceOf(room);
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
  healthy.close();
  return result;
}
