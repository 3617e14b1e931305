/** AUTH-3: what is deployed without any setting is closed, says so, and wakes no object. */
import { listDurableObjectIds } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { afterEach, expect, it } from "vitest";
import { HOW_TO_OPEN } from "../../../src/errors.ts";
import { askUpgrade, socketPath } from "../support/client.ts";
import { pollPath } from "../support/poller.ts";
import { expectEngineError, expectProblem } from "../support/problem.ts";
import { ask, newRoom, post } from "../support/rooms.ts";

afterEach(async () => {
  expect(await listDurableObjectIds(env.ROOMS)).toEqual([]);
});

it("HTTP is answered 401 with how to open it, with a key or without", async () => {
  const room = newRoom();
  const headers = { authorization: "Bearer id.secret" };
  const responses = [
    await post(room, { event: "e" }),
    await post(room, { event: "e" }, headers),
    await ask(`/rooms/${room}/events`),
    await ask(`/rooms/${room}/events`, { headers }),
    await ask(`/rooms/${room}`),
  ];
  for (const response of responses) {
    expect(response.headers.get("www-authenticate")).toMatch(/^Bearer/);
    const { detail } = await expectProblem(response, 401, "closed");
    expect(detail).toBe(HOW_TO_OPEN);
  }
});

it("a handshake is refused with how to open it, whatever the transport and the path", async () => {
  const message = `Forbidden: this relay is closed. ${HOW_TO_OPEN}`;
  const room = newRoom();
  await expectEngineError(await ask(pollPath(room)), 4, message);
  await expectEngineError(await ask("/socket.io/?EIO=4&transport=polling"), 4, message);
  await expectEngineError(await askUpgrade(socketPath(room)), 4, message);
});

it("how to open it names what has to be set", () => {
  expect(HOW_TO_OPEN).toContain("API_KEYS");
  expect(HOW_TO_OPEN).toContain("ANONYMOUS");
});

it("what makes no sense is refused as ever", async () => {
  await expectEngineError(await ask(pollPath(newRoom(), "EIO=4")), 0, "Transport unknown");
  await expectProblem(await ask("/nope"), 404, "not_found");
});

it("health is no secret", async () => {
  expect((await ask("/healthz")).status).toBe(200);
});
