/** Waiting for what comes next (HTTP-9), in plain Node. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { MemoryLog } from "../../src/log/memory-log.ts";
import { type HistoryRequest, history } from "../../src/room/history.ts";
import { EPOCH, Harness, LOGS } from "../support/room-harness.ts";

const claims = { identity: "key:backend", scope: ["read"], rooms: ["*"] } as const;

afterEach(() => void vi.useRealTimers());

/** What is answered; undefined while the request waits. */
function ask(h: Harness, more: Partial<HistoryRequest>) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const asked: { answer?: unknown } = {};
  const request = { claims, order: "asc", limit: 100, wait: 30_000, ...more } as const;
  void history(h.room, "lobby", request).then((result) => {
    if (result.kind !== "page") asked.answer = result;
    else {
      const { events, head } = JSON.parse(result.body);
      asked.answer = [...events.map(({ offset }: { offset: string }) => offset), head];
    }
  });
  return asked;
}

async function log(h: Harness, data: string): Promise<void> {
  const plain = {
    namespace: "/",
    attachments: [],
    audience: null,
    sender: null,
    publication: null,
  };
  h.room.submit([{ ...plain, data }], () => {});
  await h.settle();
}

async function pass(h: Harness, ms: number): Promise<void> {
  h.now += ms;
  await vi.advanceTimersByTimeAsync(ms);
}

const at = (seq: number) => `${EPOCH}-${seq}`;

describe.each(LOGS)("waiting for events of a room on %s", (_, makeLog) => {
  function room(count = 3): Harness {
    const h = new Harness({ log: makeLog() });
    h.fill(count);
    return h;
  }

  it("HTTP-9 is over at once where there are some", async () => {
    const h = room();
    const asked = ask(h, { after: at(2) });
    await h.settle();
    expect(asked.answer).toEqual([at(3), at(3)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("HTTP-9 ends with the first one that comes", async () => {
    const h = room();
    const asked = ask(h, { after: at(3) });
    await h.settle();
    expect(asked.answer).toBeUndefined();
    await log(h, '["a"]');
    expect(asked.answer).toEqual([at(4), at(4)]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("HTTP-9 ends with the first one that matches", async () => {
    const h = room();
    const asked = ask(h, { after: at(3), event: "b" });
    await log(h, '["a"]');
    await log(h, '["a"]');
    expect(asked.answer).toBeUndefined();
    await log(h, '["b"]');
    expect(asked.answer).toEqual([at(6), at(6)]);
  });

  it("HTTP-9 ends after its time with an empty page", async () => {
    const h = room();
    const asked = ask(h, { after: at(3), event: "b" });
    await pass(h, 15_000);
    await log(h, '["a"]');
    await pass(h, 14_999);
    expect(asked.answer).toBeUndefined();
    await pass(h, 1);
    expect(asked.answer).toEqual([at(4)]);
  });

  it("HTTP-9 without an offset waits for the first event of all", async () => {
    const h = room(0);
    const asked = ask(h, {});
    await h.settle();
    expect(asked.answer).toBeUndefined();
    await log(h, '["a"]');
    expect(asked.answer).toEqual([at(1), at(1)]);
  });

  it("HTTP-9 AUTH-4 ends when the rights do", async () => {
    const h = room();
    const expiring = { ...claims, expiresAt: h.now + 1_000 };
    const asked = ask(h, { after: at(3), claims: expiring });
    await pass(h, 999);
    expect(asked.answer).toBeUndefined();
    await pass(h, 1);
    expect(asked.answer).toEqual({ kind: "token_expired" });
  });

  it("HTTP-9 an offset that can't be served is a gap at once", async () => {
    const h = room();
    const asked = ask(h, { after: at(9) });
    await h.settle();
    expect(asked.answer).toMatchObject({ kind: "gap", reason: "future" });
  });
});

it("HTTP-9 HTTP-14 a new epoch ends the waiting with a gap", async () => {
  let epochs = 0;
  const h = new Harness({ log: new MemoryLog(() => `ep${++epochs}`) });
  h.fill(3);
  const asked = ask(h, { after: "ep1-3" });
  await h.settle();
  h.room.renew(false);
  await h.settle();
  expect(asked.answer).toEqual({ kind: "gap", reason: "epoch", first: null, head: "ep2-0" });
});
