// A backend in Node, checked and run in a folder that has only the package.
import { createRelayClient, RelayRequestError, type StoredEvent, signToken } from "roomlog/server";

const relay = createRelayClient({ url: process.env.RELAY ?? "" });
const secret = "0123456789abcdef0123456789abcdef";
const token = await signToken({
  sub: "alice",
  room: "orders",
  scope: ["read"],
  expiresIn: "15m",
  secret,
});

const { offset, ...others } = await relay.publish("orders", { event: "paid", data: { order: 17 } });
// @ts-expect-error the package has real types
others.missing;

const events: StoredEvent[] = [];
for await (const item of relay.events("orders")) {
  if (item.kind === "event") events.push(item);
}

const late = relay.publish("orders", { event: "paid" }, { ifHead: "other-1" });
const code = await late.catch((error) => error instanceof RelayRequestError && error.code);
console.log(JSON.stringify({ offset, events, code, parts: token.split(".").length }));
