// The stock clients of the years, in the three transport settings.
import { io as io48 } from "socket.io-client";
import { io as io40 } from "socket.io-client-4.0";
import { io as io45 } from "socket.io-client-4.5";
import { io as io46 } from "socket.io-client-4.6";
import { io as io47 } from "socket.io-client-4.7";
import { describe, expect, it } from "vitest";
import { clientOptions, SETTING_NAMES, type Setting } from "../smoke/settings.ts";
import { localRelay } from "../support/local-relay.ts";

/** As much of a client as all versions have in common. */
type Client = {
  readonly connected: boolean;
  readonly recovered?: boolean;
  readonly io: { readonly engine: { close(): void; once(name: string, then: () => void): void } };
  auth: object;
  on(name: string, listener: (...args: never[]) => void): unknown;
  once(name: string, listener: (...args: never[]) => void): unknown;
  emit(name: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
};

type Connect = (url: string, options: object) => Client;

/** From 4.6 on a client keeps its place by itself. */
const VERSIONS: readonly (readonly [version: string, connect: Connect, resumes: boolean])[] = [
  ["4.0", io40 as unknown as Connect, false],
  ["4.5", io45 as unknown as Connect, false],
  ["4.6", io46 as unknown as Connect, true],
  ["4.7", io47 as unknown as Connect, true],
  ["4.8", io48 as unknown as Connect, true],
];

const CASES = VERSIONS.flatMap(([version, connect, resumes]) =>
  SETTING_NAMES.map((setting) => ({ version, connect, resumes, setting })),
);

function once(client: Client, name: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    client.once(name, (...args: unknown[]) => resolve(args));
  });
}

function emit(client: Client, name: string, ...args: unknown[]): Promise<unknown> {
  return new Promise((resolve) => {
    client.emit(name, ...args, resolve);
  });
}

describe("stock clients", () => {
  const relay = localRelay();

  async function join(connect: Connect, room: string, setting: Setting): Promise<Client> {
    const client = connect(relay.url, clientOptions(room, setting));
    relay.release(client);
    await once(client, "connect");
    return client;
  }

  it.each(CASES)(
    "ADDR-3 $version, $setting: sends, receives, and misses nothing",
    async (options) => {
      const { version, connect, resumes, setting } = options;
      const room = `versions-${version}-${setting}`;
      const reader = await join(connect, room, setting);
      const writer = await join(connect, room, setting);

      const seen: string[] = [];
      const four = Promise.withResolvers<void>();
      reader.on("chat", (text: string, offset: string) => {
        seen.push(text);
        if (text === "four") four.resolve();
        // What a client that knows no pid has to do by itself.
        if (!resumes) reader.auth = { offset };
      });
      const first = once(reader, "chat");
      const key = { idempotencyKey: "k" };
      const stored = await emit(writer, "chat", "one", key);
      expect(stored).toMatchObject({ duplicate: false });
      expect(await emit(writer, "chat", "one", key)).toEqual({
        ...(stored as object),
        duplicate: true,
      });
      expect((await first).at(-1)).toBe((stored as { offset: string }).offset);

      reader.io.engine.close();
      const back = once(reader, "roomlog:live");
      await emit(writer, "chat", "two");
      await emit(writer, "chat", "three");
      await back;
      if (resumes) expect(reader.recovered).toBe(true);
      await emit(writer, "chat", "four");
      await four.promise;
      expect(seen).toEqual(["one", "two", "three", "four"]);
    },
  );
});
