// Binary arguments between stock clients: live, in replay, and while the transport is upgraded.
import { describe, expect, it } from "vitest";
import { clientOptions, type Setting } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";
import {
  type Connect,
  emit,
  once,
  STOCK_CLIENTS,
  type StockClient,
} from "../support/stock-clients.ts";
import { TcpProxy } from "../support/tcp-proxy.ts";

/** Binary in the forms and places that an application may use. */
const file = (n: number) => [
  Buffer.from([0, 255, 30, n]),
  { name: `file ${n}`, parts: [new Uint8Array([n, n]).buffer, { empty: new Uint8Array() }] },
  new Uint16Array([n, 258]),
  new DataView(Uint8Array.of(9, n, 9).buffer, 1, 1),
  "last",
];

type Pair = [StockClient, StockClient];

/** Bytes as text, whatever form they came in. */
function readable(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return `hex ${Buffer.from(value).toString("hex")}`;
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return `hex ${Buffer.from(buffer, byteOffset, byteLength).toString("hex")}`;
  }
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, readable(item)]));
}

/** The arguments of the events named `file`, readable, and their offsets. */
class Files {
  readonly seen: unknown[] = [];
  readonly offsets: string[] = [];
  #wake = () => {};

  constructor(client: StockClient, keepsPlace: boolean) {
    client.on("file", (...args: unknown[]) => {
      const offset = String(args.pop());
      this.seen.push(readable(args));
      this.offsets.push(offset);
      // What a client that knows no pid has to do by itself.
      if (!keepsPlace) client.auth = { offset };
      this.#wake();
    });
  }

  async until(count: number): Promise<void> {
    while (this.seen.length < count) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

describe("binary between stock clients", () => {
  const relay = localRelay();

  function open(
    connect: Connect,
    room: string,
    setting: Setting,
    { url = relay.url, ...auth }: { url?: string; offset?: string } = {},
  ): StockClient {
    const client = connect(url, { ...clientOptions(room, setting), auth });
    relay.release(client);
    return client;
  }

  it.each(STOCK_CLIENTS)(
    "SUB-10 $version, $setting: live, after a reconnect, after a reload",
    async ({ version, connect, resumes, setting }) => {
      const room = `binary-${version}-${setting}`;
      const [reader, writer] = [open(connect, room, setting), open(connect, room, setting)];
      const files = new Files(reader, resumes);
      await Promise.all([once(reader, "connect"), once(writer, "connect")]);

      const key = { idempotencyKey: "one" };
      const stored = await emit(writer, "file", ...file(1), key);
      expect(stored).toMatchObject({ duplicate: false });
      const repeat = { ...(stored as object), duplicate: true };
      expect(await emit(writer, "file", ...file(1), key)).toEqual(repeat);
      expect(await emit(writer, "file", ...file(2), key)).toMatchObject({
        error: { code: "key_reused" },
      });
      await files.until(1);

      reader.io.engine.close();
      const back = once(reader, "roomlog:live");
      await emit(writer, "file", ...file(2));
      await emit(writer, "file", ...file(3));
      await back;
      if (resumes) expect(reader.recovered).toBe(true);
      await emit(writer, "file", ...file(4));
      await files.until(4);
      const all = [1, 2, 3, 4].map((n) => readable(file(n)));
      expect(files.seen).toEqual(all);

      const reloaded = open(connect, room, setting, { offset: "0" });
      const again = new Files(reloaded, resumes);
      await once(reloaded, "roomlog:live");
      expect([again.seen, again.offsets]).toEqual([all, files.offsets]);
    },
  );

  it.each(STOCK_CLIENTS.filter(({ setting }) => setting === "default"))(
    "SUB-10 ENG-8 $version: sent and received while both upgrade, each once and in order",
    async ({ version, connect, resumes, setting }) => {
      const room = `binary-upgrade-${version}`;
      await using proxy = await TcpProxy.start(relay.url);
      proxy.holdWebSockets = true;
      const [reader, writer] = [0, 1].map(() =>
        open(connect, room, setting, { url: proxy.url }),
      ) as Pair;
      const files = new Files(reader, resumes);
      await Promise.all([once(reader, "connect"), once(writer, "connect")]);
      const transports = () => [reader, writer].map(({ io }) => io.engine.transport.name);

      let sent = 0;
      const burst = () => [1, 2, 3].map(() => emit(writer, "file", ...file(++sent % 256)));
      await Promise.all(burst());
      expect(transports()).toEqual(["polling", "polling"]);
      // From now on one more whenever one is acked, until the upgrades are behind them.
      let held = 2;
      while (transports().includes("polling")) {
        if (held > 0 && proxy.letThrough()) held--;
        await Promise.race(burst());
      }
      await Promise.all(burst());
      await files.until(sent);
      const expected = Array.from({ length: sent }, (_, i) => readable(file((i + 1) % 256)));
      expect(files.seen).toEqual(expected);
    },
  );

  it.each(STOCK_CLIENTS.filter(({ version }) => version === "4.8"))(
    "SUB-10 $setting: ten attachments that are more than one request",
    async ({ connect, resumes, setting }) => {
      const room = `binary-large-${setting}`;
      const [reader, writer] = [open(connect, room, setting), open(connect, room, setting)];
      const files = new Files(reader, resumes);
      await Promise.all([once(reader, "connect"), once(writer, "connect")]);
      const parts = Array.from({ length: 10 }, (_, i) => Buffer.alloc(95_000, i));
      expect(await emit(writer, "file", ...parts)).toMatchObject({ duplicate: false });
      await files.until(1);
      const [seen] = files.seen as string[][];
      const expected = parts.map((part) => `hex ${part.toString("hex")}`);
      expect(seen?.map((part, i) => part === expected[i])).toEqual(Array(10).fill(true));
    },
  );
});
