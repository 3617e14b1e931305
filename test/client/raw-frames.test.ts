// Frames that no client library sends, beside a stock client that notices nothing.
import { afterEach, describe, expect, it } from "vitest";
import { clientOptions } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";
import { RawWebSocket } from "../support/raw-websocket.ts";
import { emit, once, STOCK_CLIENTS, type StockClient } from "../support/stock-clients.ts";

const AT = '{"_placeholder":true,"num":0}';

describe("beside a stock client", () => {
  const relay = localRelay();
  const opened: RawWebSocket[] = [];

  afterEach(() => {
    for (const socket of opened.splice(0)) socket.destroy();
  });

  async function rawJoined(room: string): Promise<RawWebSocket> {
    const path = `/rooms/${room}/socket.io/?EIO=4&transport=websocket`;
    const socket = await RawWebSocket.open(relay.url + path);
    opened.push(socket);
    socket.send("text", "40");
    await socket.text("40{");
    return socket;
  }

  async function stockJoined(
    { connect, setting }: (typeof STOCK_CLIENTS)[number],
    room: string,
  ): Promise<StockClient> {
    const client = connect(relay.url, clientOptions(room, setting));
    relay.release(client);
    await once(client, "connect");
    return client;
  }

  const newest = STOCK_CLIENTS.filter(({ version }) => version === "4.8");
  it.each(newest)("BAD-69 32 MiB and a byte close the connection ($setting)", async (client) => {
    const room = `huge-${client.setting}`;
    const healthy = await stockJoined(client, room);
    const disconnected: unknown[] = [];
    healthy.on("disconnect", (reason: string) => disconnected.push(reason));
    for (const send of [hugeText, hugeBinary]) {
      const raw = await rawJoined(room);
      send(raw);
      expect(await raw.closed).toBe(1009);
    }
    const heard = once(healthy, "after");
    const other = await stockJoined(client, room);
    expect(await emit(other, "after")).toMatchObject({ duplicate: false });
    await heard;
    expect(disconnected).toEqual([]);
  });

  // The reference server closes with 1007. This runtime checks nothing, and the room sees no bytes.
  it.each(newest)("BAD-68 text that is no UTF-8 is read as such ($setting)", async (client) => {
    const room = `utf8-${client.setting}`;
    const healthy = await stockJoined(client, room);
    const heard = once(healthy, "bad");
    const raw = await rawJoined(room);
    raw.send("text", Buffer.from([...Buffer.from('421["bad","'), 0xc3, 0x28, 0xff, 0x22, 0x5d]));
    const [text, offset] = await heard;
    expect(text).toBe("\ufffd(\ufffd");
    expect(await raw.text("431[")).toContain(String(offset));
    const later = client.connect(relay.url, {
      ...clientOptions(room, client.setting),
      auth: { offset: "0" },
    });
    relay.release(later);
    expect(await once(later, "bad")).toEqual([text, offset]);
  });

  it.each(STOCK_CLIENTS)(
    "LIFE-3 BAD-66 the broadest event that is taken is read by $version, $setting",
    async (client) => {
      const room = `broad-${client.version}-${client.setting}`;
      const healthy = await stockJoined(client, room);
      const raw = await rawJoined(room);
      const [plain, binary] = [once(healthy, "plain"), once(healthy, "binary")];
      raw.send("text", `421["plain"${",0".repeat(10_000)}]`);
      raw.send("text", `451-2["binary",${AT}${",0".repeat(9_999)}]`);
      raw.send("binary", Buffer.from([7]));
      expect(await plain).toHaveLength(10_001);
      expect((await binary)[0]).toEqual(Buffer.from([7]));
      // A broader one would end the program that reads it.
      raw.send("text", `423["plain"${",0".repeat(10_001)}]`);
      expect(await raw.closed).toBe(1002);
    },
  );
});

function hugeText(socket: RawWebSocket): void {
  socket.send("text", `42["a","${"x".repeat(32 * 1024 * 1024)}"]`);
}

function hugeBinary(socket: RawWebSocket): void {
  socket.send("text", `451-["a",${AT}]`);
  socket.send("binary", Buffer.alloc(32 * 1024 * 1024 + 1));
}
