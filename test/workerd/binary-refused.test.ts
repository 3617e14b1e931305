/** Binary packets that no client sends, and those that can't be logged, beside a healthy client. */
import { describe, expect, it } from "vitest";
import { at, bytes, deep, offsetOf, zeros } from "./support/binary.ts";
import { Client } from "./support/client.ts";
import { besideHealthy } from "./support/healthy.ts";
import { Poller } from "./support/poller.ts";
import { expectEngineError } from "./support/problem.ts";
import { history, newRoom } from "./support/rooms.ts";

describe("a binary packet that no client sends", () => {
  type Case = readonly [string, readonly (string | ArrayBuffer)[], number];
  const one = bytes(1);
  const cases: readonly Case[] = [
    [
      "BAD-57 CVE-2026-69185 1,000 frames for a count of 0",
      ['450-["a"]', ...Array(1_000).fill(one)],
      1002,
    ],
    ["BAD-58 a count of 11", [`4511-["a",${at(0)}]`, one], 1002],
    ["BAD-59 CVE-2022-2421 num is a name", [`451-["a",${at('"splice"')}]`, one], 1002],
    ["BAD-59 num is 1", [`451-["a",${at(1)}]`, one], 1002],
    ["BAD-59 num is -1", [`451-["a",${at(-1)}]`, one], 1002],
    ["BAD-59 num is 0.5", [`451-["a",${at(0.5)}]`, one], 1002],
    ["BAD-59 num is 1e9", [`451-["a",${at("1e9")}]`, one], 1002],
    ["BAD-60 one twice, the other not", [`452-["a",${at(0)},${at(0)}]`, one, one], 1002],
    ["BAD-61 no placeholder", ['451-["a"]', one], 1002],
    ["BAD-62 text instead of an attachment", [`451-["a",${at(0)}]`, '42["a"]'], 1002],
    ["BAD-64 ten with more than maxPayload", [tenOf(), ...Array(10).fill(zeros(100_001))], 1009],
    ["BAD-65 a frame that nothing announced", [one], 1002],
    ["BAD-65 one frame too many", [`461-["a",${at(0)}]`, one, one], 1002],
    ["BAD-66 an ack 20,000 levels deep", [`431[${deep(20_000)}]`], 1002],
    ["BAD-66 a binary ack 20,000 levels deep", [`461-1[${deep(20_000, at(0))}]`, one], 1002],
    ["BAD-66 an event with 10,001 arguments", [`42["a"${",0".repeat(10_001)}]`], 1002],
    ["BAD-69 a frame larger than maxPayload", [`451-["a",${at(0)}]`, zeros(1_000_001)], 1009],
  ];

  function tenOf(): string {
    return `4510-["a",${Array.from({ length: 10 }, (_, i) => at(i)).join()}]`;
  }

  it.each(cases)("%s: closes the connection", async (_, bad, code) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.send(...bad, '42["a"]');
      expect((await client.ended()).code).toBe(code);
    });
    expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
  });

  it.each([
    ["BAD-21 binary that nothing announced", ["bAAAA"]],
    ["BAD-22 what is no base64", ["b!!!!"]],
    ["BAD-22 base64 without its padding, as an attachment", [`451-["a",${at(0)}]`, "bAAA"]],
    ["BAD-62 text instead of an attachment", [`451-["a",${at(0)}]`, '42["a"]']],
  ])("%s: ends a polling session", async (_, packets) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      await expectEngineError(await poller.post(...packets, '42["a"]'), 3, "Bad request");
      await expectEngineError(await poller.get(), 1, "Session ID unknown");
    });
    expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
  });

  it("BAD-65 a binary frame to the probe of an upgrade: polling goes on", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const probe = await Client.raw(poller.path.replace("polling", "websocket"));
      probe.send(one);
      expect((await probe.ended()).code).toBe(1002);
      expect((await poller.post('427["b"]')).status).toBe(200);
      expect(await poller.packet()).toMatch(/^437\[/);
    });
  });
});

describe("a binary event that can't be logged", () => {
  it.each([
    ["BAD-70 too large with its bytes", `["a",${at(0)},"${"x".repeat(950_000)}"]`, "too_large"],
    ["BAD-66 64 levels in its array", `["a",${deep(64, at(0))}]`, "invalid_body"],
    ["BAD-66 5,000 levels", `["a",${deep(5_000, at(0))}]`, "invalid_body"],
    ["BAD-66 20,000 levels", `["a",${at(0)},${deep(20_000)}]`, "invalid_body"],
  ])("%s: a final refusal, and the session goes on", async (_, text, code) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.send(`451-7${text}`, zeros(950_001));
      const ack = await client.frame();
      expect(JSON.parse(ack.slice(3))).toMatchObject([{ error: { code } }]);
      expect(await client.emit("b")).toMatchObject({ duplicate: false });
    });
    expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
  });

  it("BAD-66 400,000 elements, or 60,000 keys, are logged", async () => {
    const room = newRoom();
    const elements = `[${"0,".repeat(399_999)}0]`;
    const keys = `{${Array.from({ length: 60_000 }, (_, i) => `"k${i}":0`).join()}}`;
    const client = await Client.joined(room);
    for (const json of [elements, keys]) {
      client.send(`451-7["a",${at(0)},${json}]`, bytes(1));
      await offsetOf(client);
    }
    const { events } = await history(room, "?limit=2");
    expect(JSON.stringify(events[0]?.args)).toBe(`[${at(0)},${elements}]`);
  });
});
