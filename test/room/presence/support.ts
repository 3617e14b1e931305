/** What tests of presence look at. */
import { expect } from "vitest";
import type { WireClient } from "../../support/room-client.ts";
import { Harness, type HarnessOptions } from "../../support/room-harness.ts";
import type { Received } from "../../support/transcript.ts";

type Told = { readonly notices: readonly Received[] };

const OWN = /^roomlog:(?:presence|join|leave)$/;

/** What a client was told about who is here, in short, each once: it is taken. */
export function told(client: Told & { seen?: number }): string[] {
  const notices = client.notices.filter(({ name }) => OWN.test(name));
  const fresh = notices.slice(client.seen ?? 0);
  client.seen = notices.length;
  return fresh.map(({ name, args: [payload] }) => `${name.slice(8)} ${short(payload)}`);
}

function short(payload: unknown): string {
  const { id, members, reason } = payload as {
    readonly id?: string;
    readonly members?: readonly { readonly id: string }[];
    readonly reason?: string;
  };
  if (members !== undefined) return members.map((member) => member.id).join(" ");
  return reason === undefined ? `${id}` : `${id} ${reason}`;
}

/** A room with a watcher, which has been told that it is alone. */
export async function watched(
  options?: HarnessOptions,
): Promise<{ readonly h: Harness; readonly watcher: WireClient }> {
  const h = new Harness(options);
  const watcher = await h.join({ presence: true });
  expect(told(watcher)).toEqual([`presence ${watcher.id}`]);
  return { h, watcher };
}

/** Lets time pass, and the room do what is due then. */
export async function wait(h: Harness, ms: number): Promise<void> {
  h.pass(ms);
  await h.settle();
}

/** The room is evicted: what is left is its database and what the sockets of these kept. */
export async function hibernate(h: Harness, ...clients: WireClient[]): Promise<Harness> {
  const woken = new Harness({ sql: h.sql, now: h.now });
  const kept = clients.map(({ wire }) => [wire, wire.saved] as const);
  woken.room.sessions.restore(kept, h.now + 25_000);
  await woken.settle();
  return woken;
}

/** Ids and ends of the members that are stored. */
export function stored(h: Harness): unknown[] {
  const table = h.sql.all("SELECT 1 FROM sqlite_schema WHERE name = 'roomlog_presence'");
  if (table.length === 0) return [];
  return h.sql.all("SELECT id, until FROM roomlog_presence ORDER BY id").map((row) => ({ ...row }));
}

/** Rows that were ever changed. */
export function changes(h: Harness): number {
  return Number(h.sql.all("SELECT total_changes() AS n")[0]?.n);
}
