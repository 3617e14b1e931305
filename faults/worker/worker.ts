/** The relay, with failpoints in its storage and its sockets. Nothing of it is ever deployed. */
import type { Env } from "../../src/env.ts";
import { Room } from "../../src/platform/room.ts";
import { createRelay } from "../../src/relay.ts";
import { CONTROL, type Failpoint, REACHED } from "./failpoints.ts";

/** A room stands still for so many steps, which are seconds, unless it is killed before. */
const STANDSTILL = 3e9;

type Armed = { point: Failpoint; countdown: number };

/** One object's failpoints. They don't outlive its instance. */
class Failpoints {
  #armed: Armed | undefined;

  arm(armed: Armed): void {
    this.#armed = armed;
  }

  reached(point: Failpoint): void {
    if (this.#armed?.point !== point || --this.#armed.countdown > 0) return;
    this.#armed = undefined;
    console.log(`${REACHED} ${point}`);
    // Steps, because a Worker's clock stands still while it runs.
    for (let step = 0; step < STANDSTILL; step++);
  }
}

/** Statements after which a failpoint is reached. */
const STATEMENTS: readonly (readonly [RegExp, Failpoint])[] = [
  [/^INSERT INTO roomlog_events/, "insert"],
  [/^DELETE FROM roomlog_events/, "trim"],
  [/^INSERT INTO roomlog_keys/, "keys"],
  [/^(CREATE TABLE roomlog|ALTER TABLE roomlog)/, "migration"],
];

/** Puts failpoints into what the room will use of its state. */
function withFailpoints(state: DurableObjectState, failpoints: Failpoints): DurableObjectState {
  const { storage } = state;
  const { sql } = storage;
  const exec = sql.exec.bind(sql);
  let inserted = false;
  Object.defineProperty(sql, "exec", {
    value: (query: string, ...bindings: unknown[]) => {
      const cursor = exec(query, ...bindings);
      const point = STATEMENTS.find(([pattern]) => pattern.test(query.trimStart()))?.[1];
      inserted ||= point === "insert";
      if (point !== undefined) failpoints.reached(point);
      return cursor;
    },
  });
  const transactionSync = storage.transactionSync.bind(storage);
  Object.defineProperty(storage, "transactionSync", {
    value: <T>(turn: () => T): T => {
      const result = transactionSync(turn);
      if (inserted) failpoints.reached("commit");
      inserted = false;
      return result;
    },
  });
  return state;
}

const onSend = new Set<() => void>();
const { send } = WebSocket.prototype;
WebSocket.prototype.send = function (this: WebSocket, message): void {
  send.call(this, message);
  for (const reached of onSend) reached();
};

export class FaultyRoom extends Room {
  readonly #failpoints: Failpoints;

  constructor(state: DurableObjectState, env: Env) {
    const failpoints = new Failpoints();
    super(withFailpoints(state, failpoints), env);
    this.#failpoints = failpoints;
    onSend.add(() => failpoints.reached("send"));
  }

  override alarm(): void {
    this.#failpoints.reached("alarm");
    super.alarm();
  }

  arm(point: Failpoint, countdown: number): void {
    this.#failpoints.arm({ point, countdown });
  }

  ring(): Promise<void> {
    return this.ctx.storage.setAlarm(Date.now());
  }

  evict(): void {
    onSend.clear();
    this.ctx.abort("evicted");
  }
}

const relay = createRelay({ room: FaultyRoom });

export default {
  async fetch(request, env, context): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    if (!pathname.startsWith(CONTROL)) return relay.fetch(request, env, context);
    const rooms = env.ROOMS as unknown as DurableObjectNamespace<FaultyRoom>;
    const room = rooms.getByName(searchParams.get("room") ?? "");
    const point = searchParams.get("point") as Failpoint;
    if (pathname === `${CONTROL}arm`) await room.arm(point, Number(searchParams.get("after")));
    else if (pathname === `${CONTROL}ring`) await room.ring();
    else if (pathname === `${CONTROL}evict`) await Promise.resolve(room.evict()).catch(() => {});
    return new Response("ok");
  },
} satisfies ExportedHandler<Env>;
