/** What a server owes as of Socket.IO v5, by the room in code that the public suite expects. */
import { describe, expect, it } from "vitest";
import { closes, handshakes, heartbeats, type Join, UNKNOWN_SESSION } from "./engine-behaviours.ts";
import { BRISK, HEARTBEATS, IMPATIENT, serve } from "./support/server.ts";
import type { Frame } from "./support/socket.ts";
import { upgrades } from "./upgrade-behaviours.ts";

const SID = '"sid":"[A-Za-z0-9_-]{20}"';

describe("Socket.IO with the suite's settings", () => {
  handshakes(serve("socket"));
});

/** Joins, and takes the answers. */
const JOIN: Join = {
  async polling(session) {
    await session.send("40");
    expect(await session.packet()).toMatch(/^40/);
    expect(await session.packet()).toBe('42["auth",{}]');
  },
  async webSocket(session) {
    session.send("40");
    expect(await session.frame()).toMatch(/^40/);
    expect(await session.frame()).toBe('42["auth",{}]');
  },
};

describe("Socket.IO with frequent pings", () => {
  const server = serve("socket", BRISK);
  heartbeats(server, JOIN);

  it("ENG-3 a session that left its namespace is pinged all the same", async () => {
    const session = await server.session("shown");
    await JOIN.webSocket(session);
    session.send("41");
    expect(await session.frame()).toBe("2");
  });
});

describe("Socket.IO with little time to join", () => {
  const server = serve("socket", IMPATIENT);

  it("ENG-3 a session that joins no namespace is closed", async () => {
    const session = await server.session();
    expect(await session.ended()).toEqual({ code: 1000, reason: "connect timeout" });
  });

  it("ENG-3 so is a polling one, and its held GET answered with a close packet", async () => {
    const session = await server.polling();
    expect(await session.get()).toMatchObject({ status: 200, body: "1" });
    expect(await session.get()).toMatchObject(UNKNOWN_SESSION);
  });

  it("ENG-3 so is one whose namespace did not let it in", async () => {
    const session = await server.session();
    session.send("40/random");
    expect(await session.frame()).toMatch(/^44/);
    expect(await session.ended()).toEqual({ code: 1000, reason: "connect timeout" });
  });
});

describe.each(HEARTBEATS)("Socket.IO with %s", (_, bindings) => {
  const server = serve("socket", bindings);
  closes(server);
  const echo = { ask: '421["message-with-ack","a"]', answer: '431["a"]' };
  upgrades(server, echo, JOIN.polling);

  /** A session that has joined these namespaces, whose answers were taken. */
  async function joined(...namespaces: string[]) {
    const session = await server.session();
    for (const namespace of namespaces) {
      session.send(`40${namespace}`);
      await session.text();
      await session.text();
    }
    return session;
  }

  describe("CONNECT", () => {
    it.each([
      ["SUB-12 ROOM-5 to / is answered with an id, and no pid", "40", "40", '42["auth",{}]'],
      [
        "ROOM-2 with a payload, which the room's code sees",
        '40{"token":"123"}',
        "40",
        '42["auth",{"token":"123"}]',
      ],
      ["ADDR-4 to an open namespace", "40/custom,", "40/custom,", '42/custom,["auth",{}]'],
      ["ADDR-4 to one, without a comma", "40/custom", "40/custom,", '42/custom,["auth",{}]'],
      [
        "ROOM-2 to one, with a payload",
        '40/custom,{"token":"abc"}',
        "40/custom,",
        '42/custom,["auth",{"token":"abc"}]',
      ],
    ])("%s", async (_, connect, answer, event) => {
      const session = await server.session();
      session.send(connect);
      expect(await session.frame()).toMatch(new RegExp(`^${answer}\\{${SID}\\}$`));
      expect(await session.frame()).toBe(event);
    });

    it("ADDR-4 to a namespace that is not open is refused, and the session goes on", async () => {
      const session = await server.session();
      session.send("40/random");
      expect(await session.frame()).toBe('44/random,{"message":"Invalid namespace"}');
      session.send("40");
      expect(await session.frame()).toMatch(/^40\{/);
    });

    it("ADDR-4 to two namespaces gives two ids", async () => {
      const session = await server.session();
      session.send("40", "40/custom");
      const frames = [];
      while (frames.length < 4) frames.push(await session.text());
      const sids = frames.flatMap((frame) => /"sid":"(.{20})"/.exec(frame)?.[1] ?? []);
      expect(new Set(sids).size).toBe(2);
      expect(sids).not.toContain(session.opened.sid);
    });

    it.each(["4abc", '42["message"]', "41", "43[]", "40[]", "40null", '40"x"', "40{", "4"])(
      "ENG-10 %j instead of it closes the session",
      async (frame) => {
        const session = await server.session();
        session.send(frame);
        expect(await session.ended()).toMatchObject({ code: 1002 });
      },
    );
  });

  describe("DISCONNECT", () => {
    it("ADDR-4 leaves one namespace; the other goes on", async () => {
      const session = await joined("", "/custom");
      session.send("41/custom", '42["message","still here"]');
      expect(await session.frame()).toBe('42["message-back","still here"]');
    });

    it("ADDR-4 leaves the session, which may join again", async () => {
      const session = await joined("");
      session.send("41", "40");
      expect(await session.frame()).toMatch(/^40\{/);
      expect(await session.frame()).toBe('42["auth",{}]');
    });

    it("ENG-10 an event behind it closes the session", async () => {
      const session = await joined("", "/custom");
      session.send("41/custom", '42/custom,["message"]');
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });
  });

  const BYTES = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5, 6)];
  const HOLES = '{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}';

  const messages: readonly (readonly [string, readonly Frame[], readonly Frame[]])[] = [
    [
      "ROOM-2 an event, and the one that the room sends back",
      ['42["message",1,"2",{"3":[true]}]'],
      ['42["message-back",1,"2",{"3":[true]}]'],
    ],
    [
      "ROOM-2 an event with an ack",
      ['42456["message-with-ack",1,"2",{"3":[false]}]'],
      ['43456[1,"2",{"3":[false]}]'],
    ],
    [
      "SUB-10 ENG-12 an event with binary arguments",
      [`452-["message",${HOLES}]`, ...BYTES],
      [`452-["message-back",${HOLES}]`, ...BYTES],
    ],
    [
      "SUB-10 ENG-12 an event with binary arguments and an ack",
      [`452-789["message-with-ack",${HOLES}]`, ...BYTES],
      [`462-789[${HOLES}]`, ...BYTES],
    ],
    [
      "ADDR-4 an event in another namespace",
      ['42/custom,["message","a"]', '42/custom,7["message-with-ack","b"]'],
      ['42/custom,["message-back","a"]', '43/custom,7["b"]'],
    ],
    [
      "SUB-10 ENG-12 a binary event in another namespace",
      [`452-/custom,7["message-with-ack",${HOLES}]`, ...BYTES],
      [`462-/custom,7[${HOLES}]`, ...BYTES],
    ],
  ];

  describe("events", () => {
    it.each(messages)("%s, over WebSocket", async (_, sent, expected) => {
      const session = await joined("", "/custom");
      session.send(...sent);
      for (const frame of expected) expect(await session.frame()).toEqual(frame);
    });

    it.each(messages)("%s, over polling", async (_, sent, expected) => {
      const session = await server.polling();
      await session.send("40", "40/custom");
      for (let packets = 0; packets < 4; packets++) await session.packet();
      await session.send(...sent.map(inPayload));
      for (const frame of expected) expect(await session.packet()).toBe(inPayload(frame));
    });

    it.each([
      ["a type that is none", "4abc"],
      ["arguments that are no array", "42{}"],
      ["an ack id that is no number", '42abc["message-with-ack",1]'],
      ["a second CONNECT", "40"],
      ["a CONNECT_ERROR, which is the server's to send", '44{"message":"no"}'],
      ["a namespace that was not joined", '42/custom,["message"]'],
    ])("ENG-10 %s closes the session", async (_, frame) => {
      const session = await joined("");
      session.send(frame);
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });

    it("ENG-12 bytes that no event announced close the session", async () => {
      const session = await joined("");
      session.send(Uint8Array.of(1));
      expect(await session.ended()).toMatchObject({ code: 1002 });
    });
  });
});

/** A frame as polling carries it. */
function inPayload(frame: Frame): string {
  return typeof frame === "string" ? frame : `b${Buffer.from(frame).toString("base64")}`;
}
