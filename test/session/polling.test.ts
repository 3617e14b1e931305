import { describe, expect, it } from "vitest";
import { Harness, SETTINGS } from "../support/room-harness.ts";

describe("polling", () => {
  it("ADDR-3 the handshake offers WebSocket, and says the settings", async () => {
    const h = new Harness();
    const { sid } = h.room.sessions.openPolling("args");
    const answer = String(await h.room.sessions.poll(sid));
    expect(answer.charAt(0)).toBe("0");
    const { pingInterval, pingTimeout, maxPayload } = SETTINGS;
    expect(JSON.parse(answer.slice(1))).toEqual({
      sid,
      upgrades: ["websocket"],
      pingInterval,
      pingTimeout,
      maxPayload,
    });
  });

  it("a GET is held until there is something, and gets all that one turn sends", async () => {
    const h = new Harness();
    const reader = await h.joinPolling();
    await reader.poll();
    const writer = await h.join();
    const held = reader.poll();
    for (let n = 0; n < 3; n++) writer.emit("chat", n);
    await h.settle();
    await held;
    expect(reader.seqs).toEqual([1, 2, 3]);
  });

  it("an answer has at most 16 packets, and the next GET gets the rest in order", async () => {
    const h = new Harness();
    h.fill(40);
    const reader = await h.joinPolling({ offset: "0" });
    const sizes: number[] = [];
    while (reader.seqs.length < 40) {
      const answer = await reader.poll();
      sizes.push(String(answer).split("\x1e").length);
    }
    expect(Math.max(...sizes)).toBe(16);
    expect(reader.seqs).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  it("BAD-13 a second GET while one is held ends the session with 400", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    const held = client.poll();
    expect(await client.poll()).toEqual({ code: 3, message: "Bad request", status: 400 });
    expect(await held).toBe("1");
    expect(await client.poll()).toMatchObject({ code: 1 });
    expect([...h.room.sessions]).toEqual([]);
  });

  it("BAD-14 a second POST while one is read ends the session with 400", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    let finish = (_: string) => {};
    const body = new Promise<string>((resolve) => {
      finish = resolve;
    });
    const first = h.room.sessions.post(client.sid, () => body);
    const second = await h.room.sessions.post(client.sid, async () => '42["second"]');
    expect(second).toMatchObject({ code: 3, status: 400 });
    finish('42["first"]');
    expect(await first).toMatchObject({ code: 3 });
    await h.settle();
    expect(h.log.head).toBe(0);
    expect(await client.poll()).toMatchObject({ code: 1 });
  });

  it("BAD-17 a POST that never comes to its end is answered when its session is over", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    await client.poll();
    const answered = h.room.sessions.post(client.sid, () => new Promise(() => {}));
    h.pass(25_000);
    expect(await client.poll()).toBe("2");
    h.pass(20_000);
    expect(await answered).toMatchObject({ code: 3, status: 400 });
    expect([...h.room.sessions]).toEqual([]);
  });

  it("POSTs one after the other are taken in order", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    client.send('42["a"]', '42["b"]');
    await h.settle();
    client.send('42["c"]');
    await h.settle();
    expect(h.log.read({ limit: 9 }).map(({ data }) => data)).toEqual(['["a"]', '["b"]', '["c"]']);
    expect(client.refused).toEqual([]);
  });

  it.each([
    ["BAD-20 an empty body", ""],
    ["BAD-19 separators only", "\x1e".repeat(500_000)],
    ["BAD-21 binary without a header", "bAAAA"],
    ["BAD-22 bad base64", "b!!!!"],
    ["BAD-35 an open packet", '0{"sid":"x"}'],
    ["BAD-35 a ping", "2"],
    ["BAD-34 an unknown type", "7"],
    ["BAD-34 NUL", "\u0000"],
    ["BAD-49 an event without a name", "42[]"],
    ["BAD-40 a second CONNECT", "40"],
    ["BAD-48 a CONNECT_ERROR", '44{"message":"x"}'],
  ])("%s ends the session with 400, and nothing behind it counts", async (_, packet) => {
    const h = new Harness();
    const client = await h.joinPolling();
    client.send(packet, '42["behind"]');
    await h.settle();
    expect(client.refused).toMatchObject([{ code: 3 }]);
    expect(await client.poll()).toMatchObject({ code: 1 });
    expect(h.log.head).toBe(0);
  });

  it("ENG-5 BAD-49 a packet that is none, behind a CONNECT, ends the session when it is its turn", async () => {
    const h = new Harness();
    const client = await h.polling();
    client.send("40", "42[]", '42["behind"]');
    await h.settle();
    expect(client.refused).toEqual([]);
    expect(await client.poll()).toMatchObject({ code: 1 });
    expect(h.log.head).toBe(0);
  });

  it("a client that says goodbye is told ok", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    client.send("41", "1");
    await h.settle();
    expect(client.refused).toEqual([]);
    expect([...h.room.sessions]).toEqual([]);
  });

  it("a body that can't be read ends the session, and the reason is passed on", async () => {
    const h = new Harness();
    const client = await h.joinPolling();
    const post = h.room.sessions.post(client.sid, async () => {
      throw new Error("too large");
    });
    await expect(post).rejects.toThrow("too large");
    expect(await client.poll()).toMatchObject({ code: 1 });
  });

  it("BAD-5 an unknown session is told so, GET, POST and upgrade alike", async () => {
    const { sessions } = new Harness().room;
    const unknown = { code: 1, message: "Session ID unknown", status: 400 };
    expect(sessions.poll("nobody")).toEqual(unknown);
    expect(await sessions.post("nobody", async () => "")).toEqual(unknown);
    expect(sessions.refuseUpgrade("nobody")).toBe("unknown");
  });
});
