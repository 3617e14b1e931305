/** PRES-5: in a room with code, what the code keeps with a socket is shown to who has a key. */
import { expect, it } from "vitest";
import { Client } from "../support/client.ts";
import { evict } from "../support/evict.ts";
import { bearer, keyOf } from "../support/keys.ts";
import { expectProblem } from "../support/problem.ts";
import { ask, newRoom } from "../support/rooms.ts";

it("PRES-5 members have the code's socket.data, also after an eviction", async () => {
  const room = newRoom();
  const token = keyOf("watcher");
  const watcher = await Client.joined(room, { token, presence: true, name: "Wes" });
  await watcher.frames.until((frame) => frame.startsWith('42["roomlog:presence"'), "presence");
  await evict(room);
  const client = await Client.joined(room, { name: "Ann", data: "x".repeat(2_000) });
  const joined = { id: client.me.sid, data: { name: "Ann" } };
  expect(await watcher.event()).toMatchObject({ name: "roomlog:join", args: [joined] });
  const listed = await ask(`/rooms/${room}/sockets`, { headers: bearer("watcher") });
  const { sockets } = await listed.json<{ sockets: { id: string }[] }>();
  expect(sockets.find(({ id }) => id === client.me.sid)).toMatchObject(joined);
});

it("PRES-5 the anonymous see nothing of it", async () => {
  const room = newRoom();
  const client = await Client.open(room);
  client.send('40{"presence":true}');
  expect(await client.frame()).toContain('"code":"forbidden"');
  await expectProblem(await ask(`/rooms/${room}/sockets`), 403, "forbidden");
});
