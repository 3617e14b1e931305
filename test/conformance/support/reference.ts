/** The reference server, in this process, with the settings and handlers of our own rooms. */
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { Server, type Socket } from "socket.io";
import { SUITE_SETTINGS } from "../../../conformance/settings.ts";
import type { Endpoint } from "./http.ts";
import { type Bindings, SERVERS, type ServerName } from "./server.ts";

type EngineConnection = {
  on(event: "message", listener: (message: string | Buffer) => void): void;
  send(message: string | Buffer): void;
};

/** As much of the package `engine.io` as is needed: socket.io brings it, and doesn't export it. */
type EngineModule = {
  attach(
    http: object,
    options: object,
  ): {
    on(event: "connection", listener: (connection: EngineConnection) => void): void;
  };
};

const ownRequire = createRequire(import.meta.url);
const { attach } = createRequire(ownRequire.resolve("socket.io"))("engine.io") as EngineModule;

export class ReferenceServer implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #close: () => Promise<void>;

  private constructor(endpoint: Endpoint, close: () => Promise<void>) {
    this.endpoint = endpoint;
    this.#close = close;
  }

  /** @param bindings as our own room's: they go before the suites' settings */
  static async start(name: ServerName, bindings: Bindings): Promise<ReferenceServer> {
    const { PING_INTERVAL, PING_TIMEOUT, CONNECT_TIMEOUT } = bindings;
    const options = {
      pingInterval: Number(PING_INTERVAL ?? SUITE_SETTINGS.pingInterval),
      pingTimeout: Number(PING_TIMEOUT ?? SUITE_SETTINGS.pingTimeout),
      connectTimeout: Number(CONNECT_TIMEOUT ?? SUITE_SETTINGS.connectTimeout),
      maxHttpBufferSize: SUITE_SETTINGS.maxPayload,
    };
    const http = createServer((_, response) => response.writeHead(404).end());
    if (name === "engine") {
      attach(http, options).on("connection", (connection) => {
        connection.on("message", (message) => connection.send(message));
      });
    } else {
      speakSocketIo(new Server(http, options), name);
    }
    await once(http.listen(0, "127.0.0.1"), "listening");
    const address = http.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    const { path } = SERVERS[name];
    return new ReferenceServer(`http://127.0.0.1:${address.port}${path}`, async () => {
      const closed = once(http, "close");
      http.close();
      http.closeAllConnections();
      await closed;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close();
  }
}

type Handlers = (socket: Socket) => void;

function speakSocketIo(server: Server, name: "socket" | "scripted"): void {
  for (const namespace of [server.of("/"), server.of("/custom")]) {
    if (name === "scripted") {
      namespace.use(({ handshake }, next) => {
        const { refuse } = handshake.auth;
        next(refuse === undefined ? undefined : Object.assign(new Error(refuse.message), refuse));
      });
    }
    namespace.on("connection", HANDLERS[name]);
  }
}

const HANDLERS: Readonly<Record<"socket" | "scripted", Handlers>> = {
  /** As conformance/socket.ts. */
  socket(socket) {
    socket.emit("auth", socket.handshake.auth);
    socket.on("message", (...args) => {
      if (typeof args.at(-1) === "function") args.pop();
      socket.emit("message-back", ...args);
    });
    socket.on("message-with-ack", (...args) => ackOf(args)?.(...args));
  },

  /** As test/support/scripted-room.ts. */
  scripted(socket) {
    socket.on("echo", (...args) => ackOf(args)?.(...args));
    socket.on("send", (count: number, size: number) => {
      for (let n = 0; n < count; n++) socket.emit("sent", n, "x".repeat(size));
    });
    socket.on("ask", async (...args) => {
      ackOf(args)?.(await socket.emitWithAck("question", ...args));
    });
    socket.on("ask briefly", async (...args) => {
      const ack = ackOf(args);
      ack?.(await socket.timeout(50).emitWithAck("question").catch(String));
    });
    socket.on("send and close", () => {
      socket.emit("sent");
      socket.disconnect(true);
    });
    socket.on("out", () => socket.disconnect());
    socket.on("close", () => socket.disconnect(true));
  },
};

/** Takes the ack off, if there is one. */
function ackOf(args: unknown[]): ((...values: unknown[]) => void) | undefined {
  const last = args.at(-1);
  if (typeof last !== "function") return undefined;
  args.pop();
  return (...values) => last(...values);
}
