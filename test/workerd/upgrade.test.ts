/** The upgrade from polling to WebSocket. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { Client, readEvent } from "./support/client.ts";
import { pass, stopClock } from "./support/clock.ts";
import { besideHealthy } from "./support/healthy.ts";
import { Poller } from "./support/poller.ts";
import { expectEngineError } from "./support/problem.ts";
import { newRoom, post, publish, seqOf, untilSockets } from "./support/rooms.ts";

const BAD_REQUEST = [3, "Bad request"] as const;

const probePath = (poller: Poller) => poller.path.replace("polling", "websocket");

afterEach(() => void vi.useRealTimers());

/** A WebSocket for the session of `poller`. */
const probeOf = (poller: Poller) => Client.raw(probePath(poller));

/** A WebSocket that has taken over. */
async function upgraded(poller: Poller): Promise<Client> {
  const socket = await probeOf(poller);
  socket.send("2probe");
  expect(await socket.frame()).toBe("3probe");
  socket.send("5");
  return socket;
}

describe("an upgrade", () => {
  it("SUB-4 goes by the book, and each event comes once, in order, on one side or the other", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    const parked = poller.fetched();
    const socket = await probeOf(poller);
    socket.send("2probe");
    expect(await socket.frame()).toBe("3probe");
    // The parked GET is let go, so that the client can leave.
    expect(await parked).toEqual(["6"]);
    const between = [await publish(room, "between 1"), await publish(room, "between 2")];
    socket.send("5");
    const after = await publish(room, "after");
    const events = await socket.events(3);
    expect(events.map(({ offset }) => offset)).toEqual([...between, after]);
    expect(events.map(({ name }) => name)).toEqual(["between 1", "between 2", "after"]);
    expect(await socket.emit("mine")).toMatchObject({ duplicate: false });
  });

  it("BAD-11 closes the old side: a GET or a POST there is refused, and the session goes on", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const socket = await upgraded(poller);
      expect(await socket.emit("mine")).toMatchObject({ duplicate: false });
      await expectEngineError(await poller.get(), ...BAD_REQUEST);
      await expectEngineError(await poller.post('42["a"]'), ...BAD_REQUEST);
      expect(await socket.emit("still mine")).toMatchObject({ duplicate: false });
    });
  });

  it("lets a poll go that comes while the probe waits", async () => {
    const poller = await Poller.joined(newRoom());
    const socket = await probeOf(poller);
    socket.send("2probe");
    expect(await socket.frame()).toBe("3probe");
    expect(await poller.fetched()).toEqual(["6"]);
    expect(await poller.fetched()).toEqual(["6"]);
    socket.send("5");
    expect(await socket.emit("a")).toMatchObject({ duplicate: false });
  });

  it("may come before CONNECT", async () => {
    const room = newRoom();
    const socket = await upgraded(await Poller.open(room));
    expect(await socket.join()).toMatchObject({ sid: expect.any(String) });
    const offset = await publish(room, "a");
    expect((await socket.event()).offset).toBe(offset);
  });

  it("SUB-4 in the middle of a replay that waits for its client loses nothing, and goes on", async () => {
    const room = newRoom();
    const data = "x".repeat(1_000);
    for (let batch = 0; batch < 2; batch++) {
      const events = Array.from({ length: 1_000 }, () => ({ event: "n", data }));
      expect((await post(room, { events })).status).toBe(201);
    }
    const poller = await Poller.open(room);
    await poller.post('40{"offset":"0"}');
    const [connected, ...fetched] = await poller.fetched();
    expect(connected).toMatch(/^40\{/);
    // Answered after a turn of the room: the next page waits now, and no other turn is due.
    await publish(room, "newest");
    const socket = await upgraded(poller);
    const rest = await socket.replayed();
    const seqs = [...fetched, ...rest].map((frame) => seqOf(readEvent(frame).offset));
    expect(seqs.slice(0, -1)).toEqual(Array.from({ length: 2_001 }, (_, i) => i + 1));
  });

  it("BAD-24 is closed while another is under way, which goes on", async () => {
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const first = await probeOf(poller);
      expect((await (await probeOf(poller)).ended()).reason).not.toBe("");
      first.send("2probe");
      expect(await first.frame()).toBe("3probe");
      await (await probeOf(poller)).ended();
      first.send("5");
      expect(await first.emit("a")).toMatchObject({ duplicate: false });
      await (await probeOf(poller)).ended();
      expect(await first.emit("b")).toMatchObject({ duplicate: false });
    });
  });

  const probes: readonly (readonly [string, readonly (string | ArrayBuffer)[]])[] = [
    ["5 without a probe", ["5"]],
    ["another word", ["2xyz"]],
    ["a bare ping", ["2"]],
    ["a message", ['42["a"]']],
    ["a CONNECT", ["40"]],
    ["nothing", [""]],
    ["two probes", ["2probe", "2probe"]],
    ["binary", [new Uint8Array([0x32]).buffer]],
    ["a message larger than maxPayload", ["2probe", "x".repeat(1_000_001)]],
  ];

  it.each(probes)(
    "BAD-26 that begins with %s closes the probe, and polling lives",
    async (_, frames) => {
      const room = newRoom();
      await besideHealthy(room, async () => {
        const poller = await Poller.joined(room);
        const socket = await probeOf(poller);
        socket.send(...frames);
        await socket.ended();
        expect((await poller.post('420["a"]')).status).toBe(200);
        await poller.fetched();
        const again = await upgraded(poller);
        expect(await again.emit("b")).toMatchObject({ duplicate: false });
      });
    },
  );

  it("that breaks off leaves polling alive, and may be tried again", async () => {
    const room = newRoom();
    const poller = await Poller.joined(room);
    const socket = await probeOf(poller);
    socket.send("2probe");
    await socket.frame();
    socket.close();
    await untilSockets(room, 0);
    const offset = await publish(room, "a");
    const packets = await poller.fetched();
    expect(readEvent(String(packets.at(-1))).offset).toBe(offset);
    const again = await upgraded(poller);
    expect(await again.emit("b")).toMatchObject({ duplicate: false });
  });

  it("BAD-25 that falls silent is closed after 10 s, and polling lives", async () => {
    stopClock();
    const room = newRoom();
    await besideHealthy(room, async () => {
      const poller = await Poller.joined(room);
      const socket = await probeOf(poller);
      socket.send("2probe");
      expect(await socket.frame()).toBe("3probe");
      await pass(room, 9_999);
      expect((await poller.post('420["a"]')).status).toBe(200);
      expect(socket.isClosed).toBe(false);
      await pass(room, 1);
      await socket.ended();
      expect((await poller.post('421["b"]')).status).toBe(200);
    });
  });
});
