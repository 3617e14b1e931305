// Who is here, as a stock client and a backend see it.
import { createHash } from "node:crypto";
import { io, type Socket } from "socket.io-client";
import { describe, expect, it } from "vitest";
import { clientOptions, SETTING_NAMES, type Setting } from "../smoke/settings.ts";
import { type LocalRelay, localRelay } from "../support/local-relay.ts";

const KEY = "ops.s3cret-of-ops";
const hash = createHash("sha256").update(KEY).digest("hex");
const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };

let rooms = 0;

/** What presence events carry. */
type Here = { readonly members: readonly { readonly id: string }[] };
type Member = { readonly id: string; readonly data: unknown; readonly reason?: string };

/** Clients of a relay. */
const clientsOf = (relay: LocalRelay) => {
  const open = (room: string, setting: Setting, auth: object) => {
    const socket = io(relay.url, { ...clientOptions(room, setting), auth });
    relay.release(socket);
    return socket;
  };
  return {
    async join(room: string, setting: Setting, auth: object = {}): Promise<Socket> {
      const socket = open(room, setting, auth);
      await next(socket, "connect");
      return socket;
    },
    /** A client that watches, and what it has been told. */
    async watch(room: string, setting: Setting) {
      const socket = open(room, setting, { presence: true });
      const told: string[] = [];
      socket.on("roomlog:join", ({ id, data }) => told.push(`join ${id} ${data}`));
      socket.on("roomlog:leave", ({ id, reason }) => told.push(`leave ${id} ${reason}`));
      const { members } = await next<Here>(socket, "roomlog:presence");
      return { socket, told, members };
    },
  };
};

describe("a stock client", () => {
  const relay = localRelay({
    bindings: { API_KEYS: JSON.stringify([{ id: "ops", hash, scope: ["admin"] }]) },
  });
  const { join, watch } = clientsOf(relay);

  async function backend(method: string, path: string, body?: object): Promise<unknown> {
    const url = `${relay.url}/rooms/${path}`;
    const response = await fetch(url, { method, headers, body: JSON.stringify(body) });
    expect(response.ok).toBe(true);
    return response.json();
  }

  describe.each(SETTING_NAMES)("over %s", (setting) => {
    const newRoom = () => `presence-${setting}-${++rooms}`;

    it("PRES-6 that resumes is told neither as left nor as come; one that leaves, at once", async () => {
      const room = newRoom();
      const { socket, told, members } = await watch(room, setting);
      expect(members).toMatchObject([{ id: socket.id }]);
      const ann = await join(room, setting, { data: "Ann" });
      const { id } = ann;
      for (let i = 0; i < 3; i++) {
        ann.io.engine.close();
        await next(ann, "connect");
        expect([ann.recovered, ann.id]).toEqual([true, id]);
      }
      const left = next(socket, "roomlog:leave");
      ann.disconnect();
      await left;
      expect(told).toEqual([`join ${id} Ann`, `leave ${id} client namespace disconnect`]);
    });

    it("PRES-5 that watches and resumes is told anew who is here", async () => {
      const room = newRoom();
      const { socket } = await watch(room, setting);
      const again = next<Here>(socket, "roomlog:presence");
      socket.io.engine.close();
      const ann = await join(room, setting);
      const ids = (await again).members.map(({ id }) => id);
      expect(ids).toContain(socket.id);
      // Ann came before it or after it; either way it knows of her.
      if (ids.includes(String(ann.id))) return;
      expect((await next<Member>(socket, "roomlog:join")).id).toBe(ann.id);
    });

    it("PRES-2 that a backend disconnects does not come back by itself, but may", async () => {
      const room = newRoom();
      const { socket } = await watch(room, setting);
      const ann = await join(room, setting);
      const { id } = ann;
      const [reason, left] = [next(ann, "disconnect"), next(socket, "roomlog:leave")];
      expect(await backend("DELETE", `${room}/sockets/${id}`)).toEqual({ disconnected: 1 });
      expect(await reason).toBe("io server disconnect");
      expect(await left).toMatchObject({ id, reason: "server namespace disconnect" });
      expect(ann.active).toBe(false);
      const { sockets } = (await backend("GET", `${room}/sockets`)) as { sockets: unknown };
      expect(sockets).toMatchObject([{ id: socket.id }]);
      ann.connect();
      await next(ann, "connect");
      expect(ann.id).toBe(id);
    });

    it("PRES-3 that a backend puts into a room gets what is published to it, also after a resume", async () => {
      const room = newRoom();
      const [ann, bob] = [await join(room, setting), await join(room, setting)];
      const others: unknown[] = [];
      bob.on("note", (text) => others.push(text));
      await backend("POST", `${room}/sockets/${ann.id}`, { join: ["red"] });
      const first = next(ann, "note");
      await backend("POST", `${room}/events`, { event: "note", args: [1], to: "red" });
      expect(await first).toBe(1);
      ann.io.engine.close();
      await next(ann, "connect");
      const second = next(ann, "note");
      await backend("POST", `${room}/events`, { event: "note", args: [2], to: "red" });
      expect(await second).toBe(2);
      const end = next(bob, "end");
      await backend("POST", `${room}/events`, { event: "end" });
      await end;
      expect(others).toEqual([]);
    });
  });
});

describe("a stock client where the grace time is short", () => {
  const relay = localRelay({ bindings: { PRESENCE_GRACE: "500" } });
  const { join, watch } = clientsOf(relay);

  it.each(SETTING_NAMES)(
    "PRES-6 that is lost is told as left after it, over %s",
    async (setting) => {
      const { socket, told } = await watch(`lost-${setting}`, setting);
      const ann = await join(`lost-${setting}`, setting, { data: "Ann" });
      const { id } = ann;
      const left = next(socket, "roomlog:leave");
      ann.io.reconnection(false);
      ann.io.engine.close();
      await left;
      expect(told).toEqual([`join ${id} Ann`, `leave ${id} transport close`]);
    },
  );
});

/** The first argument of the next event of this name, or of the client's own. */
function next<T = unknown>(socket: Socket, name: string): Promise<T> {
  return new Promise((resolve) => {
    socket.once(name, (first: T) => resolve(first));
  });
}
