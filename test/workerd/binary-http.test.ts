/** Binary arguments over HTTP: published, told in the history, refused. */
import { describe, expect, it } from "vitest";
import { at, frames } from "./support/binary.ts";
import { Client } from "./support/client.ts";
import { besideHealthy } from "./support/healthy.ts";
import { expectProblem } from "./support/problem.ts";
import { ask, history, newRoom, type Published, post, publish } from "./support/rooms.ts";

describe("binary over HTTP", () => {
  const file = (...attachments: string[]) => ({
    event: "file",
    args: attachments.map((_, num) => ({ _placeholder: true, num })),
    attachments,
  });

  it("HTTP-1 SUB-10 an event is published, sent, and told in the history", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    const published = await post(room, file("AP8=", ""));
    expect(published.status).toBe(201);
    const { offset } = await published.json<Published>();
    const text = `452-["file",${at(0)},${at(1)},"${offset}"]`;
    expect(await frames(reader, 3)).toEqual([text, "bAP8=", "b"]);
    await publish(room, "plain");
    const body = await (await ask(`/rooms/${room}/events`)).text();
    expect(JSON.parse(body).events).toMatchObject([
      { offset, event: "file", attachments: ["AP8=", ""], args: file("", "").args },
      { event: "plain" },
    ]);
    expect(JSON.parse(body).events[1]).not.toHaveProperty("attachments");
  });

  it("HTTP-1 EMIT-2 a retry is the same by its bytes", async () => {
    const room = newRoom();
    const key = { idempotencyKey: "k" };
    expect((await post(room, { ...file("AQI="), ...key })).status).toBe(201);
    const repeat = await post(room, { ...file("AQI="), ...key });
    expect([repeat.status, await repeat.json()]).toMatchObject([200, { duplicate: true }]);
    await expectProblem(await post(room, { ...file("AQM="), ...key }), 422, "key_reused");
  });

  it("EMIT-7 an ephemeral one is sent, and not logged", async () => {
    const room = newRoom();
    const reader = await Client.joined(room);
    expect((await post(room, { ...file("AQI="), ephemeral: true })).status).toBe(200);
    expect((await frames(reader, 2))[1]).toBe("bAQI=");
    expect((await history(room)).events).toEqual([]);
  });

  it.each([
    ["what is no base64", file("!!!!")],
    ["base64 without its padding", file("AA")],
    ["base64url", file("_-8=")],
    ["what is no string", { ...file(), attachments: [1] }],
    ["what is no list", { ...file(), attachments: "AQI=" }],
    ["no placeholder for it", { ...file("AQI="), args: [] }],
    ["two for one placeholder", { ...file("AQI=", "AQI="), args: file("").args }],
    ["a placeholder for none", { ...file("AQI="), args: file("", "").args }],
    ["eleven", file(...Array(11).fill("AQI="))],
  ])("HTTP-1 attachments that are %s: refused", async (_, body) => {
    const room = newRoom();
    await expectProblem(await post(room, body), 400, "invalid_event");
    const batch = { events: [file("AQI="), body] };
    await expectProblem(await post(room, batch), 400, "invalid_event");
    expect((await history(room)).events).toEqual([]);
  });

  it.each([
    ["bytes over maxPayload", file(btoa("x".repeat(1_000_001)))],
    ["as much as a request may have", file("A".repeat(3_900_000))],
    ["a sum over it", file(btoa("x".repeat(500_000)), btoa("x".repeat(500_001)))],
    [
      "more than a row has with its text",
      {
        ...file(btoa("x".repeat(950_001))),
        args: [{ _placeholder: true, num: 0 }, "x".repeat(950_000)],
      },
    ],
  ])("BAD-70 HTTP-3 %s: too large", async (_, body) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      await expectProblem(await post(room, body), 413, "too_large");
    });
  });

  it.each([
    ["BAD-66 10,001 arguments", { event: "a", args: Array(10_001).fill(0) }],
    ["BAD-70 rooms of a megabyte", { event: "a", to: ["x".repeat(1_000_000)] }],
    ["BAD-70 a hundred long rooms", { event: "a", except: Array(100).fill("x".repeat(100)) }],
  ])("%s: refused, since no row or reader could take it", async (_, body) => {
    await expectProblem(await post(newRoom(), body), 400, "invalid_event");
  });
});
