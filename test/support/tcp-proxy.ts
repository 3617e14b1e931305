// A TCP proxy on loopback whose connections can be cut at any moment.
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * `close` ends a connection on both sides, `reset` too, but as a crash does, and `hang` only on the
 * client's: the server goes on believing in it, as it does when a network vanishes.
 */
export type Cut = "close" | "reset" | "hang";

export class TcpProxy implements AsyncDisposable {
  readonly url: string;
  readonly #server: Server;
  /** From the client's side of a connection to the server's. */
  readonly #pairs = new Map<Socket, Socket>();
  readonly #hanging = new Set<Socket>();
  readonly #held: (() => void)[] = [];
  /** While true, connections are accepted and cut at once. */
  down = false;
  /** While true, a request for a WebSocket is held back until `letThrough`. */
  holdWebSockets = false;

  private constructor(server: Server, target: URL) {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    this.url = `http://127.0.0.1:${address.port}`;
    this.#server = server;
    server.on("connection", (client) => this.#relay(client, target));
  }

  /** @param target an http: address */
  static async start(target: string): Promise<TcpProxy> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new TcpProxy(server, new URL(target));
  }

  /** @returns how many connections there were to cut */
  cut(how: Cut): number {
    const pairs = [...this.#pairs];
    for (const [client, server] of pairs) {
      this.#pairs.delete(client);
      client.unpipe();
      server.unpipe();
      if (how === "reset") client.resetAndDestroy();
      else client.destroy();
      if (how === "hang") this.#hang(server);
      else server.destroy();
    }
    return pairs.length;
  }

  /** @returns false if no WebSocket waits */
  letThrough(): boolean {
    const go = this.#held.shift();
    go?.();
    return go !== undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.cut("close");
    for (const server of this.#hanging) server.destroy();
    await closed;
  }

  #relay(client: Socket, target: URL): void {
    if (this.down) {
      client.destroy();
      return;
    }
    const server = connect({ host: target.hostname, port: Number(target.port || 80) });
    this.#pairs.set(client, server);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        if (this.#pairs.get(client) !== server) return;
        this.#pairs.delete(client);
        client.destroy();
        server.destroy();
      });
    }
    server.pipe(client);
    if (this.holdWebSockets) this.#hold(client, server);
    else client.pipe(server);
  }

  /** A request comes whole in its first bytes, as small as these are. */
  #hold(client: Socket, server: Socket): void {
    client.once("data", (request) => {
      client.pause();
      const go = () => {
        server.write(request);
        client.pipe(server);
      };
      if (/^upgrade: websocket/im.test(request.toString("latin1"))) this.#held.push(go);
      else go();
    });
  }

  #hang(server: Socket): void {
    this.#hanging.add(server);
    // What it still sends is read, and lost.
    server.resume();
    server.on("close", () => this.#hanging.delete(server));
  }
}
