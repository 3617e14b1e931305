/** API keys of the configurations that have some; `vitest.config.ts` gives them to the Worker. */

export const KEYS = [
  { id: "all", secret: "s3cret-of-all", scope: ["read", "write"], rooms: ["*"] },
  { id: "team", secret: "s3cret-of-team", scope: ["read", "write"], rooms: ["team-*", "lobby"] },
  { id: "reader", secret: "s3cret-of-reader", scope: ["read"], rooms: ["*"] },
  { id: "writer", secret: "s3cret-of-writer", scope: ["write"], rooms: ["*"] },
  {
    id: "watcher",
    secret: "s3cret-of-watcher",
    scope: ["read", "presence"],
    rooms: ["*"],
  },
  { id: "admin", secret: "s3cret-of-admin", scope: ["admin"], rooms: ["*"] },
  {
    id: "many",
    secret: "s3cret-of-many",
    scope: ["read", "write"],
    // As many and as long as they may be: a hibernating socket has to remember them.
    rooms: Array.from({ length: 64 }, (_, i) => `many-${i}-`.padEnd(128, "x")),
  },
] as const;

/** The whole key of this id, as its holder has it. */
export function keyOf(id: (typeof KEYS)[number]["id"]): string {
  const key = KEYS.find((key) => key.id === id);
  return `${id}.${key?.secret}`;
}

/** The header that carries a key. */
export function bearer(id: (typeof KEYS)[number]["id"]): { authorization: string } {
  return { authorization: `Bearer ${keyOf(id)}` };
}
