// A reader with no code of its own: it leaves resuming to the stock client.
import { io, type Socket } from "socket.io-client";
import type { Watch } from "../support/watch.ts";
import { Ledger } from "./ledger.ts";
import { type ClientOptions, clientOptions, type Setting } from "./settings.ts";
import { onStuckUpgrade } from "./stuck-upgrade.ts";

export class Follower implements Disposable {
  readonly socket: Socket;
  readonly ledger: Ledger;
  readonly setting: Setting;
  connections = 0;
  /** How often it noticed that its connection was gone. */
  losses = 0;
  /** How often it was stuck in an upgrade. */
  rescues = 0;
  /** When it first went from polling to WebSocket, by `performance.now()`. */
  upgradedAt: number | undefined;
  /** Whose events it doesn't get, because it emits them. */
  readonly except: string | undefined;

  constructor(
    relay: string,
    room: string,
    setting: Setting,
    options: { name: string; watch: Watch; client?: ClientOptions; except?: string },
  ) {
    const { name, watch, client, except } = options;
    this.setting = setting;
    this.except = except;
    this.ledger = new Ledger(name, watch);
    this.socket = io(relay, { ...clientOptions(room, setting), ...client });
    let id: string | undefined;
    this.socket.on("connect", () => {
      this.connections++;
      this.ledger.connected(this.connections > 1 || client?.auth !== undefined);
      if (this.connections > 1 && !this.socket.recovered) {
        this.ledger.violation(`was not recovered at its connection ${this.connections}`);
      }
      if (id !== undefined && id !== this.socket.id) {
        this.ledger.violation(`came back as ${this.socket.id}, it had been ${id}`);
      }
      id = this.socket.id;
      watch.changed();
    });
    this.socket.on("disconnect", () => {
      this.losses++;
      watch.changed();
    });
    // Not on `connect`: an upgrade may be faster than the answer to CONNECT.
    this.socket.io.on("open", () => {
      this.socket.io.engine.once("upgrade", () => {
        this.upgradedAt ??= performance.now();
        watch.changed();
      });
    });
    onStuckUpgrade(this.socket, () => {
      this.rescues++;
      this.socket.disconnect().connect();
    });
    listen(this.socket, this.ledger);
  }

  get name(): string {
    return this.ledger.name;
  }

  get connected(): boolean {
    return this.socket.connected;
  }

  [Symbol.dispose](): void {
    this.socket.disconnect();
  }
}

/** Enters into `ledger` all that a socket gets; anything but steps and a replay's end is wrong. */
export function listen(socket: Socket, ledger: Ledger): void {
  socket.on("step", (...args: unknown[]) => ledger.take(args));
  socket.on("roomlog:live", (info) => ledger.live(info));
  socket.onAny((name: string, ...args: unknown[]) => {
    if (name === "step" || name === "roomlog:live") return;
    ledger.violation(`got the event ${name} ${JSON.stringify(args)}`);
  });
}
