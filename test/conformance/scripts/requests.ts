/** Handshakes and other requests, good and bad. */
import { NOBODYS } from "../support/polling.ts";
import type { Script } from "./script.ts";

const OK = "EIO=4&transport=polling";

const QUERIES: readonly string[] = [
  OK,
  `${OK}&t=abc&b64=1&other=`,
  `${OK}&j=0`,
  "transport=polling",
  "EIO=&transport=polling",
  "EIO=3&transport=polling",
  "EIO=5&transport=polling",
  "EIO=4abc&transport=polling",
  "EIO=04&transport=polling",
  "eio=4&transport=polling",
  "EIO=4&EIO=4&transport=polling",
  "EIO=3&EIO=4&transport=polling",
  "",
  "EIO=4",
  "EIO=4&transport=",
  "EIO=4&transport=ftp",
  "EIO=4&transport=Polling",
  "EIO=4&transport=webtransport",
  "EIO=4&transport=__proto__",
  "EIO=4&transport=constructor",
  "EIO=4&transport=polling&transport=polling",
  "EIO=4&transport=polling&transport=websocket",
  "EIO=4&transport=websocket",
  "EIO=3&transport=ftp",
  `${OK}&sid=${NOBODYS}`,
  `${OK}&sid=__proto__`,
  `${OK}&sid=..%2Fx`,
  `${OK}&sid=`,
  `${OK}&sid=${"x".repeat(1_000)}`,
  `EIO=3&transport=polling&sid=${NOBODYS}`,
];

const METHODS: readonly string[] = ["POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

const UPGRADES: readonly string[] = [
  "EIO=4&transport=websocket",
  "transport=websocket",
  "EIO=3&transport=websocket",
  "EIO=4",
  "EIO=4&transport=ftp",
  "EIO=4&transport=polling",
  `EIO=4&transport=websocket&sid=${NOBODYS}`,
  `EIO=3&transport=websocket&sid=${NOBODYS}`,
  `EIO=4&transport=polling&sid=${NOBODYS}`,
];

const HEADERS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["of another protocol", { upgrade: "h2c" }],
  ["of version 8", { "sec-websocket-version": "8" }],
  ["with a key that is none", { "sec-websocket-key": "abc" }],
];

export const REQUESTS: readonly Script[] = [
  ...QUERIES.map(
    (query): Script => ({
      name: `GET ?${query.length > 80 ? `${query.slice(0, 40)}…` : query}`,
      rule: "ENG-2",
      server: "socket",
      play: (stage) => stage.request(query),
    }),
  ),
  ...METHODS.map(
    (method): Script => ({
      name: `${method} without a session`,
      rule: "ENG-2",
      server: "socket",
      play: (stage) => stage.request(OK, { method }),
    }),
  ),
  {
    name: "POST of a version and a transport that are none",
    rule: "ENG-2",
    server: "socket",
    async play(stage) {
      await stage.request("EIO=3&transport=polling", { method: "POST" });
      await stage.request("EIO=4&transport=ftp", { method: "POST" });
    },
  },
  ...UPGRADES.map(
    (query): Script => ({
      name: `WebSocket ?${query}`,
      rule: "ENG-2",
      server: "socket",
      play: (stage) => stage.upgrade(query),
    }),
  ),
  ...HEADERS.map(
    ([what, headers]): Script => ({
      name: `WebSocket ${what}`,
      rule: "ENG-2",
      server: "socket",
      play: (stage) => stage.upgrade("EIO=4&transport=websocket", headers),
    }),
  ),
  {
    name: "WebSocket, and its first frame",
    rule: "ENG-1",
    server: "socket",
    play: async (stage) => void (await (await stage.socket("EIO=4&transport=websocket")).next()),
  },
  {
    name: "GET of a path below",
    rule: "ENG-2",
    server: "socket",
    async play(stage) {
      const response = await fetch(`${stage.endpoint}below?${OK}`);
      stage.write(String(response.status));
    },
  },
  {
    name: "GET without the path's last slash",
    rule: "ENG-2",
    server: "socket",
    async play(stage) {
      const response = await fetch(`${stage.endpoint.slice(0, -1)}?${OK}`);
      stage.write(String(response.status));
    },
  },
];
