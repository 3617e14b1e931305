/** Socket.IO over a WebSocket: what each packet is answered with. */
import { describe, expect, it } from "vitest";
import { Client } from "./support/client.ts";
import { besideHealthy } from "./support/healthy.ts";
import { history, newRoom, publish } from "./support/rooms.ts";

const PROTOCOL_ERROR = 1002;
const TOO_BIG = 1009;

describe("CONNECT", () => {
  it("is answered with the socket's id and a private one", async () => {
    const client = await Client.open(newRoom());
    client.send("40");
    const answer = await client.frame();
    expect(answer).toMatch(/^40\{"sid":"[A-Za-z0-9_-]{20}","pid":"[^"]+"\}$/);
    expect(await client.settled()).toEqual([]);
  });

  it("again after DISCONNECT joins anew", async () => {
    const room = newRoom();
    const client = await Client.joined(room);
    client.send("41");
    await client.settled();
    await publish(room, "missed");
    const again = await client.join();
    expect(again.sid).not.toBe(client.me.sid);
    const offset = await publish(room, "seen");
    expect(await client.event()).toEqual({ name: "seen", args: [], offset });
  });

  it.each(["40/nope,", "40/nope", '40/nope,{"token":1}', "40/__proto__,"])(
    "BAD-41 %s: the namespace is refused, and the socket stays",
    async (packet) => {
      const room = newRoom();
      const client = await besideHealthy(room, async () => {
        const client = await Client.open(room);
        client.send(packet);
        const namespace = /\/\w+/.exec(packet)?.[0];
        expect(await client.frame()).toBe(`44${namespace},{"message":"Invalid namespace"}`);
        return client;
      });
      await client.join();
      expect(await client.emit("a")).toMatchObject({ duplicate: false });
    },
  );

  const badAuth: readonly (readonly [string, string])[] = [
    ['{"token":123}', "invalid_token"],
    ['{"token":{}}', "invalid_token"],
    ['{"token":["a"]}', "invalid_token"],
    ['{"token":""}', "invalid_token"],
    ['{"token":"id.secret"}', "invalid_token"],
    ['{"clientId":"short"}', "invalid_client_id"],
    ['{"clientId":1234567890123456}', "invalid_client_id"],
    ['{"rewind":-1}', "invalid_rewind"],
    ['{"rewind":"10"}', "invalid_rewind"],
    ['{"rewind":1e99}', "invalid_rewind"],
  ];

  it.each(badAuth)(
    "BAD-44 with %s is refused as %s, and may be tried again",
    async (auth, code) => {
      const room = newRoom();
      const client = await besideHealthy(room, async () => {
        const client = await Client.open(room);
        client.send(`40${auth}`);
        const refusal = await client.frame();
        expect(refusal).toMatch(/^44\{/);
        expect(JSON.parse(refusal.slice(2))).toEqual({
          message: expect.any(String),
          data: { code },
        });
        return client;
      });
      await client.join();
    },
  );
});

describe("BAD-42 namespaces", () => {
  it("whose name has 100 kB end the session", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.open(room);
      client.send(`40/${"x".repeat(100_000)},`);
      expect((await client.ended()).code).toBe(1008);
    });
  });

  it("that are many and not open are each refused, briefly", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.open(room);
      client.send(...Array.from({ length: 300 }, (_, i) => `40/no-${i},`));
      const refusals = await client.settled();
      expect(refusals).toHaveLength(300);
      expect(refusals.at(-1)).toBe('44/no-299,{"message":"Invalid namespace"}');
    });
  });
});

describe("a frame that no client sends closes the connection", () => {
  type Case = readonly [row: string, frame: string | ArrayBuffer, code: number];
  const bytes = new Uint8Array([1, 2, 3]).buffer;

  const beforeJoining: readonly Case[] = [
    ["BAD-34", "7", PROTOCOL_ERROR],
    ["BAD-34", "x", PROTOCOL_ERROR],
    ["BAD-34", "\u0000", PROTOCOL_ERROR],
    ["BAD-34", "", PROTOCOL_ERROR],
    ["BAD-35", '0{"sid":"x"}', PROTOCOL_ERROR],
    ["BAD-35", "2", PROTOCOL_ERROR],
    ["BAD-35", "2probe", PROTOCOL_ERROR],
    ["BAD-35", "5", PROTOCOL_ERROR],
    ["BAD-35", "6", PROTOCOL_ERROR],
    ["BAD-39", '42["a"]', PROTOCOL_ERROR],
    ["BAD-39", "41", PROTOCOL_ERROR],
    ["BAD-39", '42/other,["a"]', PROTOCOL_ERROR],
    ["BAD-43", "40null", PROTOCOL_ERROR],
    ["BAD-43", "40[]", PROTOCOL_ERROR],
    ["BAD-43", '40"x"', PROTOCOL_ERROR],
    ["BAD-43", "40{", PROTOCOL_ERROR],
    ["BAD-43", "401", PROTOCOL_ERROR],
    ["BAD-43", '401{"a":1}', PROTOCOL_ERROR],
    ["BAD-65", bytes, PROTOCOL_ERROR],
  ];

  const afterJoining: readonly Case[] = [
    ["BAD-40", "40", PROTOCOL_ERROR],
    ["BAD-40", '40{"token":null}', PROTOCOL_ERROR],
    ["BAD-48", '44{"message":"x"}', PROTOCOL_ERROR],
    ...["42", "42[]", "42{}", '42"a"', '42["a"', '42["a"]]', "42null", "4"].map(
      (frame): Case => ["BAD-49", frame, PROTOCOL_ERROR],
    ),
    ["BAD-50 CVE-2023-32695", '42[{"toString":"foo"}]', PROTOCOL_ERROR],
    ...["42[null]", "42[true]", '42[["a"]]'].map(
      (frame): Case => ["BAD-50", frame, PROTOCOL_ERROR],
    ),
    ...[
      "connect",
      "disconnect",
      "connect_error",
      "newListener",
      "removeListener",
      "disconnecting",
    ].map((name): Case => ["BAD-51", `42["${name}"]`, PROTOCOL_ERROR]),
    ...['42-1["a"]', '421.5["a"]', '42 ["a"]', '4299999999999999999999["a"]', '42["a"] '].map(
      (frame): Case => ["BAD-54", frame, PROTOCOL_ERROR],
    ),
    ...["45", "451", "45a-", "451.23-", "45-1-", "450x1-", "451e0-", "45 1-"].map(
      (frame): Case => ["BAD-56", frame, PROTOCOL_ERROR],
    ),
    ["BAD-57 CVE-2026-69185", '450-["a"]', PROTOCOL_ERROR],
    ["BAD-58", '4511-["a"]', PROTOCOL_ERROR],
    ["BAD-58 CVE-2026-33151", '45100000-["a"]', PROTOCOL_ERROR],
    ["BAD-59 CVE-2022-2421", '451-["a",{"_placeholder":true,"num":"splice"}]', PROTOCOL_ERROR],
    ["BAD-59", '451-["a",{"_placeholder":true,"num":0}]', PROTOCOL_ERROR],
    ["BAD-61", '451-["a"]', PROTOCOL_ERROR],
    ["BAD-65", bytes, PROTOCOL_ERROR],
    ["ENG-10", "46", PROTOCOL_ERROR],
    ["ENG-10", '42/room["x"]', PROTOCOL_ERROR],
    ["ENG-10", "\ufeff42[]", PROTOCOL_ERROR],
    ["BAD-69", `42["${"x".repeat(1_000_000)}"]`, TOO_BIG],
    ["BAD-69", new Uint8Array(1_000_001).buffer, TOO_BIG],
  ];

  const name = (frame: string | ArrayBuffer) =>
    typeof frame === "string" ? JSON.stringify(frame.slice(0, 40)) : `${frame.byteLength} bytes`;

  it.each(beforeJoining.map(([row, frame, code]) => [row, name(frame), code, frame] as const))(
    "%s %s before joining: %d",
    async (_, __, code, frame) => {
      const room = newRoom();
      await besideHealthy(room, async () => {
        const client = await Client.open(room);
        client.send(frame);
        expect((await client.ended()).code).toBe(code);
      });
      expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
    },
  );

  it.each(afterJoining.map(([row, frame, code]) => [row, name(frame), code, frame] as const))(
    "%s %s after joining: %d",
    async (_, __, code, frame) => {
      const room = newRoom();
      await besideHealthy(room, async () => {
        const client = await Client.joined(room);
        client.send(frame, '42["a"]');
        expect((await client.ended()).code).toBe(code);
      });
      expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
    },
  );

  it("BAD-71 an event after DISCONNECT", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.send("41", '42["a"]');
      expect((await client.ended()).code).toBe(PROTOCOL_ERROR);
    });
    expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
  });

  it("BAD-70 a message larger than maxPayload in bytes, though not in characters", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      // 2.1 MB, where a row may have 2.
      client.send(`42["a","${"語".repeat(700_000)}"]`);
      expect((await client.ended()).code).toBe(TOO_BIG);
    });
    expect((await history(room)).events.map(({ event }) => event)).not.toContain("a");
  });
});

describe("a client that closes", () => {
  it("with 1 is closed", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.send("1");
      expect((await client.ended()).code).toBe(1000);
    });
  });

  it("its WebSocket has that answered, and need not wait for a timeout", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.close();
      expect((await client.ended()).code).toBe(1000);
    });
  });
});

describe("a frame that is ignored", () => {
  it.each([
    ["BAD-55", '43["x"]'],
    ["BAD-55", '431["x"]'],
    ["BAD-55", "431[]"],
    ["BAD-55", "4399999[1]"],
  ])("%s %s, even twice", async (_, frame) => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.send(frame, frame);
      expect(await client.emit("a")).toMatchObject({ duplicate: false });
    });
  });

  it("BAD-36 a pong that nobody asked for gets a noop, which clients ignore", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const client = await Client.joined(room);
      client.send("3", "3", '420["a"]');
      const frames = [await client.frame(), await client.frame(), await client.frame()];
      expect(frames.filter((frame) => frame === "6")).toHaveLength(2);
      expect(frames.filter((frame) => frame.startsWith("430["))).toHaveLength(1);
    });
  });
});
