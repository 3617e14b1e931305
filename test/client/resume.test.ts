// The ways in which a stock client comes back, and what it has to be given then.
import { io, type Socket } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { clientOptions, SETTING_NAMES, type Setting } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";

let rooms = 0;

describe("a stock client resumes", () => {
  const relay = localRelay();

  /** A client that counts what it gets. */
  async function join(room: string, setting: Setting, auth: object = {}) {
    const socket = io(relay.url, { ...clientOptions(room, setting), auth });
    relay.release(socket);
    const seen: number[] = [];
    const offsets: string[] = [];
    // What it had taken when it began to close, the client emits before its next "connect"; it is
    // given that again.
    let closed = false;
    socket.on("disconnect", () => {
      closed = true;
    });
    socket.on("connect", () => {
      closed = false;
    });
    socket.on("n", (n: number, offset: string) => {
      if (closed) return;
      seen.push(n);
      offsets.push(offset);
    });
    await connected(socket);
    return { socket, seen, offsets };
  }

  async function publish(room: string, ...numbers: number[]): Promise<void> {
    for (const n of numbers) {
      const response = await fetch(`${relay.url}/rooms/${room}/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ event: "n", args: [n] }),
      });
      expect(response.status).toBe(201);
    }
  }

  describe.each(SETTING_NAMES)("over %s", (setting) => {
    const newRoom = () => `resume-${setting}-${++rooms}`;

    it("SUB-5 after socket.disconnect() and connect()", async () => {
      const room = newRoom();
      const { socket, seen } = await join(room, setting);
      const { id } = socket;
      await publish(room, 1);
      await until(socket, seen, 1);
      socket.disconnect();
      await publish(room, 2, 3);
      socket.connect();
      await connected(socket);
      await publish(room, 4);
      await until(socket, seen, 4);
      expect([seen, socket.recovered, socket.id]).toEqual([[1, 2, 3, 4], true, id]);
    });

    it("SUB-4 that was cut off before its first event: it misses nothing", async () => {
      const room = newRoom();
      await publish(room, 1);
      const { socket, seen } = await join(room, setting);
      cut(socket);
      await publish(room, 2);
      await connected(socket);
      await until(socket, seen, 2);
      expect([seen, socket.recovered]).toEqual([[2], true]);
    });

    it("SUB-4 whose auth says offset: undefined: from where its pid joined", async () => {
      const room = newRoom();
      await publish(room, 1);
      const { socket, seen } = await join(room, setting, { offset: undefined });
      await publish(room, 2);
      await until(socket, seen, 2);
      cut(socket);
      await publish(room, 3);
      await connected(socket);
      await until(socket, seen, 3);
      // What it had is given again: its own place was erased.
      expect([seen, socket.recovered]).toEqual([[2, 2, 3], true]);
    });

    it("SUB-5 twice in a row, and in a room where nothing happened meanwhile", async () => {
      const room = newRoom();
      const { socket, seen } = await join(room, setting);
      await publish(room, 1);
      await until(socket, seen, 1);
      for (const n of [2, undefined, 3]) {
        cut(socket);
        if (n !== undefined) await publish(room, n);
        await connected(socket);
        expect(socket.recovered).toBe(true);
        await until(socket, seen, n ?? 2);
      }
      expect(seen).toEqual([1, 2, 3]);
    });

    it("SUB-4 with an offset as string, as bare seq, and as number", async () => {
      const room = newRoom();
      await publish(room, 1, 2, 3);
      const { offsets } = await join(room, setting, { offset: "0" }).then(async (first) => {
        await until(first.socket, first.seen, 3);
        return first;
      });
      for (const offset of [offsets[0], "1", 1]) {
        const { socket, seen } = await join(room, setting, { offset });
        await until(socket, seen, 3);
        expect(seen).toEqual([2, 3]);
      }
    });

    it("SUB-5 its older connection, which is still there, is closed first", async () => {
      const room = newRoom();
      const { socket, seen } = await join(room, setting);
      await publish(room, 1);
      await until(socket, seen, 1);
      const { id } = socket;
      const old = socket.io.engine;
      socket.io.reconnection(false);
      const closed = new Promise((resolve) => old.once("close", resolve));
      const pid: unknown = Reflect.get(socket, "_pid");
      const offset: unknown = Reflect.get(socket, "_lastOffset");
      const again = await join(room, setting, { pid, offset });
      expect(again.socket.id).toBe(id);
      await closed;
      await publish(room, 2);
      await until(again.socket, again.seen, 2);
      expect(again.seen).toEqual([2]);
    });
  });

  it.each([
    ["polling", "websocket"],
    ["websocket", "polling"],
    ["default", "polling"],
  ] as const)("SUB-4 from %s to %s", async (from, to) => {
    const room = `resume-${from}-${to}`;
    const first = await join(room, from);
    await publish(room, 1);
    await until(first.socket, first.seen, 1);
    const pid: unknown = Reflect.get(first.socket, "_pid");
    const offset = first.offsets.at(-1);
    first.socket.disconnect();
    await publish(room, 2, 3);
    const second = await join(room, to, { pid, offset });
    await publish(room, 4);
    await until(second.socket, second.seen, 4);
    expect([second.seen, second.socket.id]).toEqual([[2, 3, 4], expect.any(String)]);
  });

  it("SUB-4 in the middle of its upgrade: no gap, no duplicate", async () => {
    for (let round = 0; round < 5; round++) {
      const room = `resume-upgrading-${round}`;
      const { socket, seen } = await join(room, "default");
      await publish(room, 1);
      socket.io.engine.once("upgrading", () => cut(socket));
      await publish(room, 2);
      cut(socket);
      await publish(room, 3);
      if (!socket.connected) await connected(socket);
      await publish(room, 4);
      await until(socket, seen, 4);
      expect(seen).toEqual([1, 2, 3, 4]);
    }
  });
});

/** The connection breaks; the client comes back by itself. */
function cut(socket: Socket): void {
  socket.io.engine.close();
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once("connect", () => resolve()));
}

/** Resolves when `n` has been seen, at once or with the event that brings it. */
function until(socket: Socket, seen: readonly number[], n: number): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!seen.includes(n)) return;
      socket.off("n", look);
      resolve();
    };
    socket.on("n", look);
    look();
  });
}
