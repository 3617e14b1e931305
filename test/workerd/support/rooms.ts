/** Rooms of the Worker under test: each test has its own. */
import { runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { RoomObject } from "../../../src/index.ts";
import { until } from "./inbox.ts";

export const ORIGIN = "https://relay.example";

let count = 0;

/** A name that no other test has. */
export function newRoom(): string {
  return `room-${++count}-${crypto.randomUUID().slice(0, 8)}`;
}

/**
 * Asks the Worker. The whole answer is taken: one whose body nobody reads would keep the object it
 * came from in memory, and that could not be evicted.
 */
export async function ask(path: string, init?: RequestInit): Promise<Response> {
  const response = await exports.default.fetch(new Request(ORIGIN + path, init));
  if (response.webSocket !== null || response.body === null) return response;
  return new Response(await response.arrayBuffer(), response);
}

/** The object of a room, without going through the Worker. */
export function stubOf(room: string): DurableObjectStub<RoomObject> {
  return env.ROOMS.getByName(room);
}

/** The object's present instance: another one after an eviction or a reset. */
export async function instanceOf(room: string): Promise<RoomObject> {
  let found: RoomObject | undefined;
  await runInDurableObject(stubOf(room), (instance: RoomObject) => {
    found = instance;
  });
  if (found === undefined) throw new Error(`no instance of ${room}`);
  return found;
}

/** Resolves when all that the room has been told so far has had its turn. */
export async function turnOf(room: string): Promise<void> {
  await runInDurableObject(stubOf(room), () => scheduler.wait(0));
}

/** Posts JSON to a room's events. */
export function post(
  room: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return ask(`/rooms/${room}/events`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export type Published = { readonly offset: string; readonly duplicate: boolean };

/** Publishes one event over HTTP and gives its offset. */
export async function publish(room: string, event: string, ...args: unknown[]): Promise<string> {
  const response = await post(room, { event, args });
  if (response.status !== 201) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json<Published>()).offset;
}

export type Page = {
  readonly epoch: string;
  readonly first: string | null;
  readonly head: string;
  readonly events: readonly {
    readonly offset: string;
    readonly time: string;
    readonly event: string;
    readonly args: readonly unknown[];
    readonly namespace: string;
  }[];
  readonly next: string | null;
};

/** One page of a room's log. */
export async function history(room: string, query = ""): Promise<Page> {
  const response = await ask(`/rooms/${room}/events${query}`);
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`);
  return response.json<Page>();
}

/** The seq in an offset. */
export function seqOf(offset: string): number {
  return Number(offset.slice(offset.lastIndexOf("-") + 1));
}

/** Waits until the object has noticed that only so many of its WebSockets are left. */
export async function untilSockets(room: string, count: number): Promise<void> {
  const left = () =>
    runInDurableObject(stubOf(room), (_, state) => state.getWebSockets().length === count);
  await until(left, `${count} sockets`);
}
