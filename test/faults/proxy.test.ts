/** What the harness's proxy may not do: change the order of bytes, which no network does. */
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { expect, it } from "vitest";
import { FaultyProxy } from "../../faults/proxy.ts";
import { seeded } from "../support/random.ts";

/** Each connection gets the smallest slices. */
const always = { ...seeded(1), below: () => 0 };

it("cuts a frame behind what is still on its way", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  await using proxy = await FaultyProxy.start(`http://127.0.0.1:${port}`, always);
  const accepted = once(server, "connection");
  const client = connect(Number(new URL(proxy.url).port), "127.0.0.1");
  let received = "";
  client.setEncoding("latin1").on("data", (text) => {
    received += text;
  });
  client.on("error", () => {});
  const closed = new Promise((resolve) => client.on("close", resolve));
  const [relay] = (await accepted) as [Socket];
  relay.on("error", () => {});
  const sent = Array.from({ length: 400 }, (_, i) => `${i},`).join("");
  relay.write(sent.slice(0, 1_000));
  await once(client, "data");
  expect(proxy.break("mid-frame")).toBe(true);
  relay.write(sent.slice(1_000));
  await closed;
  expect(sent.startsWith(received)).toBe(true);
  expect(received.length).toBeLessThan(sent.length);
  server.close();
});
