// One emitter that begins at once, so that connections are upgraded in the middle of its stream.
import { TcpProxy } from "../../support/tcp-proxy.ts";
import { Watch } from "../../support/watch.ts";
import { catchUp } from "../catch-up.ts";
import { Follower } from "../follower.ts";
import type { Acknowledged } from "../publishers.ts";
import { freshRoom, type Scenario, secondsSince } from "../scenario.ts";
import { SETTING_NAMES, type Setting } from "../settings.ts";
import { parseOffset, show } from "../step.ts";

const EVENTS = 1_000;
/** Emits that wait for their acks at a time. */
const WINDOW = 20;
/** The last ones wait until all have upgraded that want to. */
const HELD_BACK = 100;
const SECONDS = 30;

export const order: Scenario = {
  name: "order",
  rules: "SUB-9 EMIT-6 ADDR-3",
  promise: "every reader gets every event once, in order, through the upgrade of its transport",
  async run(relay) {
    const start = performance.now();
    let upgrades = 0;
    for (const setting of SETTING_NAMES) upgrades += await runOne(relay, setting);
    return {
      rooms: SETTING_NAMES.length,
      "events in each": EVENTS,
      "upgrades in the stream": upgrades,
      seconds: secondsSince(start),
    };
  },
};

/** @returns how many clients were upgraded in the middle of the stream */
async function runOne(relay: string, setting: Setting): Promise<number> {
  const room = freshRoom("order");
  const watch = new Watch(SECONDS);
  await using proxy = await TcpProxy.start(relay);
  proxy.holdWebSockets = true;
  using clients = new DisposableStack();
  const follow = (
    setting: Setting,
    options: { name: string; except?: string; offset?: string },
  ) => {
    const { name, except = "", offset } = options;
    const auth = offset === undefined ? {} : { auth: { offset } };
    const url = setting === "default" ? proxy.url : relay;
    const client = { name: `${setting} ${name}`, except, watch, client: auth };
    return clients.use(new Follower(url, room, setting, client));
  };

  const live = SETTING_NAMES.map((reader) => follow(reader, { name: "reader from the beginning" }));
  await watch.until(
    () => live.every(({ connected }) => connected),
    () => "the readers did not connect",
  );
  // These connect while the stream is under way, and have their replay on top of the upgrade.
  const late = SETTING_NAMES.map((reader) =>
    follow(reader, { name: "reader from offset 0", offset: "0" }),
  );
  const emitter = follow(setting, { name: "emitter", except: "emitter" });
  const everyone = [...live, ...late, emitter];
  const upgrading = everyone.filter((each) => each.setting === "default");

  const stream = emit(emitter, watch, () =>
    upgrading.every(({ upgradedAt }) => upgradedAt !== undefined),
  );
  for (const number of upgrading.keys()) {
    await watch.until(
      () => stream.acks.size >= ((number + 1) * EVENTS) / 5 && proxy.letThrough(),
      () => `${stream.acks.size} emits acked, ${number} clients upgrade`,
    );
  }
  await watch.until(
    () => stream.acks.size === EVENTS,
    () => {
      const waiting = upgrading.filter(({ upgradedAt }) => upgradedAt === undefined);
      const names = waiting.map(({ name }) => name);
      return `${stream.acks.size} of ${EVENTS} emits acked; not upgraded: ${names}`;
    },
  );
  const endedAt = performance.now();
  await catchUp(relay, room, everyone, { acks: stream.acks, watch });

  for (const { ledger, connections, upgradedAt } of everyone) {
    if (connections !== 1) ledger.violation(`connected ${connections} times`);
    if (upgradedAt === undefined) continue;
    if (upgradedAt < stream.startedAt || upgradedAt > endedAt) {
      ledger.violation("was not upgraded in the middle of the stream");
    }
  }
  watch.check(() => "connections were counted");
  return upgrading.length;
}

type Stream = { readonly acks: Acknowledged; startedAt: number };

/** Emits from the moment of `connect` on, a window of unacknowledged events at a time. */
function emit({ socket, ledger }: Follower, watch: Watch, mayEnd: () => boolean): Stream {
  const stream: Stream = { acks: new Map(), startedAt: Number.POSITIVE_INFINITY };
  let sent = 0;
  let lastSeq = 0;
  const acked = (n: number, answer: unknown) => {
    const { offset, duplicate } = (answer ?? {}) as { offset?: unknown; duplicate?: unknown };
    const seq = parseOffset(offset)?.seq ?? 0;
    // EMIT-6, and acks come in the order of their emits.
    if (seq <= lastSeq || duplicate !== false || n !== stream.acks.size + 1) {
      const state = `after ${stream.acks.size} acks, the last for seq ${lastSeq}`;
      ledger.violation(`got ${JSON.stringify(answer)} for its emit ${n} ${state}`);
    }
    lastSeq = seq;
    stream.acks.set(show({ from: "emitter", n }), String(offset));
    watch.changed();
    pump();
  };
  const pump = () => {
    while (sent < EVENTS && sent < stream.acks.size + WINDOW) {
      if (sent >= EVENTS - HELD_BACK && !mayEnd()) break;
      const n = ++sent;
      socket.emit("step", { from: "emitter", n }, (answer: unknown) => acked(n, answer));
    }
  };
  socket.once("connect", () => {
    stream.startedAt = performance.now();
    pump();
  });
  // Goes on once the last upgrade is done, which no ack may follow.
  void watch.until(mayEnd, () => "").then(pump, () => {});
  return stream;
}
