/** Looking after a room with a running relay: who is here, and taking them out. */
import { createHash } from "node:crypto";
import { io } from "socket.io-client";
import { beforeAll, describe, expect, it } from "vitest";
import { createRelayClient, type RelayClient } from "../../src/server.ts";
import { localRelay } from "../support/local-relay.ts";
import { runCommand } from "../support/roomlog-command.ts";

const keyOf = (id: string) => `${id}.0123456789abcdef`;
const entry = (id: string, scope: string[]) => ({
  id,
  hash: createHash("sha256").update(keyOf(id)).digest("hex"),
  scope,
});
const relay = localRelay({
  bindings: {
    API_KEYS: JSON.stringify([entry("admin", ["admin"]), entry("ada", ["read", "write"])]),
  },
});
let client: RelayClient;
let rooms = 0;

beforeAll(() => {
  client = createRelayClient({ url: relay.url, key: keyOf("admin") });
});

const newRoom = () => `sockets-${rooms++}`;

async function connect(room: string, auth: object) {
  const socket = io(relay.url, { path: `/rooms/${room}/socket.io`, forceNew: true, auth });
  relay.release(socket);
  await new Promise<void>((connected) => socket.on("connect", connected));
  const gone = new Promise((resolve) => socket.on("disconnect", resolve));
  return { socket, id: String(socket.id), gone };
}

describe("the sockets of a room", () => {
  it("are listed, and taken out by id or identity", async () => {
    const room = newRoom();
    const ada = await connect(room, { token: keyOf("ada"), data: { name: "Ada" } });
    const guest = await connect(room, {});
    const members = await client.sockets(room);
    expect(new Set(members.map(({ id }) => id))).toEqual(new Set([ada.id, guest.id]));
    expect(members.find(({ id }) => id === ada.id)).toEqual({
      id: ada.id,
      namespace: "/",
      identity: "key:ada",
      data: { name: "Ada" },
      since: expect.stringMatching(/^\d{4}-.*Z$/),
      transport: expect.any(String),
    });
    expect(members.find(({ id }) => id === guest.id)).toMatchObject({ identity: null });
    expect(await client.disconnect(room, guest.id)).toEqual({ disconnected: 1 });
    expect(await guest.gone).toBe("io server disconnect");
    await expect(client.disconnect(room, guest.id)).rejects.toMatchObject({ code: "not_found" });
    expect(await client.disconnect(room, { identity: "key:ada" })).toEqual({ disconnected: 1 });
    expect(await ada.gone).toBe("io server disconnect");
    expect(await client.sockets(room)).toEqual([]);
  });

  it("are put into rooms, which events can be for", async () => {
    const room = newRoom();
    const [ada, guest] = [await connect(room, { token: keyOf("ada") }), await connect(room, {})];
    const heard: [id: string, value: unknown][] = [];
    for (const { socket, id } of [ada, guest]) socket.on("n", (value) => heard.push([id, value]));
    const team = { join: ["team"] };
    expect(await client.move(room, { identity: "key:ada" }, team)).toEqual([
      { id: ada.id, rooms: ["team"] },
    ]);
    await client.move(room, guest.id, { join: ["all"], leave: ["team"] });
    await client.publish(room, { event: "n", data: 1, to: "team" });
    await client.publish(room, { event: "n", data: 2, to: ["all"] });
    await expect.poll(() => heard.length).toBe(2);
    expect(Object.fromEntries(heard)).toEqual({ [ada.id]: 1, [guest.id]: 2 });
    const [moved] = await client.move(room, ada.id, { leave: ["team"] });
    expect(moved).toEqual({ id: ada.id, rooms: [] });
  });

  it("are shown and kicked by the command", async () => {
    const room = newRoom();
    const env = { ROOMLOG_URL: relay.url, ROOMLOG_KEY: keyOf("admin") };
    const ada = await connect(room, { token: keyOf("ada"), data: { name: "\u001b[2J" } });
    const guest = await connect(room, {});
    const { out } = await runCommand(["sockets", room], { env });
    const lines = out.trim().split("\n");
    expect(lines[0]).toMatch(/^id +identity +namespace +transport +since +data$/);
    expect(lines.length).toBe(3);
    expect(out).toMatch(
      new RegExp(`^${ada.id} +key:ada +/ +\\w+ +\\S+ +{"name":"\\\\u001b\\[2J"}$`, "m"),
    );
    const json = await runCommand(["sockets", room, "--json"], { env });
    expect(
      json.out
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual(await client.sockets(room));
    const kicked = await runCommand(["kick", room, guest.id], { env });
    expect(kicked).toEqual({ code: 0, out: "disconnected: 1\n", err: "" });
    await guest.gone;
    const again = await runCommand(["kick", room, guest.id], { env });
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining("no socket has this id") });
    const all = await runCommand(["kick", room, "--identity", "key:ada"], { env });
    expect(all.out).toBe("disconnected: 1\n");
    await ada.gone;
  });
});
