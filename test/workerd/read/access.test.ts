/** AUTH-3: anonymous clients may read, keys may write. */
import { expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { bearer, keyOf } from "../support/keys.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, history, newRoom, post } from "../support/rooms.ts";

it("a client without a key gets events, and its emits are refused with an error ack", async () => {
  const room = newRoom();
  const reader = await Client.joined(room);
  const writer = await Client.joined(room, { token: keyOf("all") });
  expect(await reader.emit("mine", { idempotencyKey: "k" })).toEqual({
    error: { code: "forbidden", message: expect.any(String) },
  });
  reader.send('42["unacked"]');
  const acked = (await writer.emit("theirs", 1)) as { offset: string };
  expect(await reader.event()).toEqual({ name: "theirs", args: [1], offset: acked.offset });
  expect((await history(room)).events.map(({ event }) => event)).toEqual(["theirs"]);
});

it("it may read the past too, and resume", async () => {
  const room = newRoom();
  await post(room, { event: "a" }, bearer("all"));
  const reader = await Client.joined(room, { offset: "0" });
  const { name, offset } = await reader.event();
  expect(name).toBe("a");
  await post(room, { event: "b" }, bearer("all"));
  const again = await Client.joined(room, { pid: reader.me.pid, offset });
  expect(again.me.sid).toBe(reader.me.sid);
  expect((await again.event()).name).toBe("b");
});

it("HTTP without a key reads and does not write", async () => {
  const room = newRoom();
  const refused = await post(room, { event: "e" });
  expect(refused.headers.get("www-authenticate")).toContain("Bearer");
  const { detail } = await expectProblem(refused, 401, "unauthorized");
  expect(detail).toContain("scope write");
  expect((await post(room, { event: "e" }, bearer("all"))).status).toBe(201);
  expect((await history(room)).events).toHaveLength(1);
  expect((await ask(`/rooms/${room}`)).status).toBe(200);
});

it("a wrong key is wrong, though nobody needs one", async () => {
  const room = newRoom();
  const headers = { authorization: "Bearer all.wrong" };
  await expectProblem(await ask(`/rooms/${room}/events`, { headers }), 401, "unauthorized");
  const client = await Client.open(room);
  client.send('40{"token":"all.wrong"}');
  expect(await client.frame()).toContain('"code":"invalid_token"');
});
