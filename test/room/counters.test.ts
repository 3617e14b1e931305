/** Every counter of a room moves, each in its own test; those of the platform in test/workerd. */
import { describe, expect, it } from "vitest";
import { publish } from "../../src/room/publish.ts";
import { toPrometheus } from "../../src/telemetry/prometheus.ts";
import { EXACT, Harness, type HarnessOptions, nextEventLoopTurn } from "../support/room-harness.ts";

type Case = {
  /** As Prometheus sees it, with its label. */
  readonly sample: string;
  readonly options?: HarnessOptions;
  readonly before?: (h: Harness) => unknown;
  readonly run: (h: Harness) => unknown;
  readonly moves: number;
};

const key = { idempotencyKey: "k" };

const CASES: readonly Case[] = [
  { sample: "turns_total", run: async (h) => (await h.join()).ask("chat"), moves: 1 },
  {
    sample: 'sessions_opened_total{transport="websocket"}',
    run: (h) => h.websocket(),
    moves: 1,
  },
  { sample: 'sessions_opened_total{transport="polling"}', run: (h) => h.polling(), moves: 1 },
  {
    sample: "upgrades_total",
    run: async (h) => {
      const { sid } = await h.joinPolling();
      h.probe(sid).send("2probe", "5");
    },
    moves: 1,
  },
  {
    sample: 'sessions_ended_total{reason="transport close"}',
    run: async (h) => (await h.join()).drop(),
    moves: 1,
  },
  {
    sample: 'sessions_ended_total{reason="ping timeout"}',
    options: { settings: EXACT },
    run: async (h) => {
      await h.join();
      h.pass(300);
      h.pass(200);
    },
    moves: 1,
  },
  { sample: "joins_total", run: (h) => h.join(), moves: 1 },
  {
    sample: "resumes_total",
    run: async (h) => {
      const client = await h.join();
      await h.join(client.resume);
    },
    moves: 1,
  },
  {
    sample: "events_logged_total",
    run: async (h) => {
      const sender = await h.join();
      await sender.ask("chat", 1, key);
      await sender.ask("chat", 1, key);
      await sender.ask("chat", 2);
    },
    moves: 2,
  },
  {
    sample: "events_ephemeral_total",
    options: { ephemeral: ["typing"] },
    run: async (h) => (await h.join()).ask("typing"),
    moves: 1,
  },
  {
    sample: "duplicates_total",
    run: async (h) => {
      const sender = await h.join();
      for (let i = 0; i < 3; i++) await sender.ask("chat", 1, key);
    },
    moves: 2,
  },
  {
    sample: "duplicates_total",
    options: { handlers: { onEvent: (_, event) => void event.relay() } },
    run: async (h) => {
      const sender = await h.join();
      for (let i = 0; i < 3; i++) await sender.ask("chat", 1, key);
    },
    moves: 2,
  },
  {
    sample: "deliveries_total",
    options: { ephemeral: ["typing"] },
    run: async (h) => {
      const [sender] = [await h.join(), await h.join(), await h.join()];
      await sender?.ask("chat");
      await sender?.ask("typing");
    },
    moves: 4,
  },
  {
    sample: "replay_events_total",
    before: (h) => h.fill(7),
    run: (h) => h.join({ rewind: 5 }),
    moves: 5,
  },
  {
    sample: "replay_bytes_total",
    before: (h) => h.fill(7),
    run: (h) => h.join({ rewind: 5 }),
    moves: 5 * '["old",1]'.length,
  },
  { sample: 'gaps_total{reason="epoch"}', run: (h) => h.join({ offset: "other-1" }), moves: 1 },
  {
    sample: 'gaps_total{reason="trimmed"}',
    before: (h) => {
      h.fill(5);
      h.log.trim(3, h.now);
    },
    run: (h) => h.join({ offset: "1" }),
    moves: 1,
  },
  {
    sample: 'gaps_total{reason="trimmed"}',
    before: (h) => h.fill(2_000),
    // In the middle of a replay.
    run: async (h) => {
      const reader = h.websocket();
      reader.connect({ offset: "0" });
      while (reader.seqs.length === 0) await nextEventLoopTurn();
      h.log.trim(1_500, h.now);
    },
    moves: 1,
  },
  {
    sample: 'refusals_total{code="key_reused"}',
    run: async (h) => {
      const sender = await h.join();
      await sender.ask("chat", 1, key);
      await sender.ask("chat", 2, key);
    },
    moves: 1,
  },
  {
    sample: 'refusals_total{code="key_reused"}',
    options: { handlers: { onEvent: (_, event) => void event.relay() } },
    run: async (h) => {
      const sender = await h.join();
      await sender.ask("chat", 1, key);
      await sender.ask("chat", 2, key);
    },
    moves: 1,
  },
  {
    sample: 'refusals_total{code="invalid_token"}',
    run: (h) => h.join({ token: "no.key" }),
    moves: 1,
  },
  {
    sample: 'refusals_total{code="invalid_namespace"}',
    run: (h) => h.websocket().send("40/nope,"),
    moves: 1,
  },
  {
    sample: 'refusals_total{code="internal"}',
    options: {
      handlers: {
        onEvent: () => {
          throw new Error("no");
        },
      },
    },
    run: async (h) => (await h.join()).ask("chat"),
    moves: 1,
  },
  {
    // Whatever a room's code calls it: a label is no place for that.
    sample: 'refusals_total{code="custom"}',
    options: { handlers: { onEvent: (_, event) => event.refuse(`no-${Math.random()}`, "no") } },
    run: async (h) => (await h.join()).ask("chat"),
    moves: 1,
  },
  {
    sample: 'refusals_total{code="custom"}',
    options: {
      handlers: {
        onConnect: () => {
          throw new Error("no");
        },
      },
    },
    run: (h) => h.join(),
    moves: 1,
  },
  {
    sample: 'refusals_total{code="forbidden"}',
    run: (h) =>
      publish(h.room, "lobby", { claims: { identity: "", scope: [], rooms: [] }, events: [] }),
    moves: 1,
  },
  {
    sample: "received_bytes_total",
    run: (h) => h.websocket().send('40{"token":null}'),
    moves: '40{"token":null}'.length,
  },
  {
    sample: "received_bytes_total",
    run: async (h) => (await h.polling()).send("40", "3"),
    moves: "40\x1e3".length,
  },
  {
    sample: "received_bytes_total",
    run: async (h) => (await h.join()).send('451-["b",{"_placeholder":true,"num":0}]', "bAQID"),
    moves: 2 + '451-["b",{"_placeholder":true,"num":0}]'.length + 3,
  },
  {
    sample: "trimmed_events_total",
    options: { keep: { events: 10 } },
    run: async (h) => {
      const sender = await h.join();
      for (let i = 0; i < 12; i++) await sender.ask("chat", i);
    },
    moves: 2,
  },
];

/** The value of a sample, 0 if it is not there. */
function sampleOf(h: Harness, sample: string): number {
  const gauges = { ...h.room.gauges, databaseBytes: 0 };
  const text = toPrometheus(h.counters, gauges, "lobby").replaceAll(/room="lobby",?/g, "");
  const name = `roomlog_${sample}${sample.includes("{") ? "" : "{}"} `;
  const line = text.split("\n").find((line) => line.startsWith(name));
  return Number(line?.slice(name.length) ?? 0);
}

describe("HTTP-31 a room's counters", () => {
  it.each(CASES)("$sample moves by $moves", async ({ sample, options, before, run, moves }) => {
    const h = new Harness(options);
    await before?.(h);
    expect(sampleOf(h, sample)).toBe(0);
    await run(h);
    await h.settle();
    expect(sampleOf(h, sample)).toBe(moves);
  });

  it("sent_bytes_total is what the clients got", async () => {
    const h = new Harness();
    const [one, two] = [await h.join(), await h.join()];
    await one?.ask("chat", "hi");
    const frames = [...(one?.wire.frames ?? []), ...(two?.wire.frames ?? [])];
    expect(sampleOf(h, "sent_bytes_total")).toBe(frames.join("").length);
  });

  it("gauges say what is there now", async () => {
    const h = new Harness();
    h.fill(3_000, (n) => `["old",${n},"${"x".repeat(1_000)}"]`);
    const reader = await h.join({ offset: "0" });
    h.websocket();
    const gauges = () => ["sessions", "sockets", "replaying"].map((name) => sampleOf(h, name));
    expect(gauges()).toEqual([2, 1, 1]);
    await reader.drain();
    expect(gauges()).toEqual([2, 1, 0]);
    reader.drop();
    expect(gauges()).toEqual([1, 0, 0]);
  });

  it("are all tried here, but for the platform's", () => {
    const h = new Harness();
    const text = toPrometheus(h.counters, { ...h.room.gauges, databaseBytes: 0 }, "lobby");
    const names = Array.from(text.matchAll(/^# TYPE roomlog_(\S+) counter$/gm), ([, name]) => name);
    const tried = CASES.map(({ sample }) => sample.replace(/\{.*/, ""));
    expect(names.filter((name = "") => !tried.includes(name))).toEqual([
      "starts_total",
      "sent_bytes_total",
      "rows_read_total",
      "rows_written_total",
      "alarms_total",
    ]);
  });
});
