// A reader that keeps its offset by hand and comes back as a new client, as a page reload does.
import { io, type Socket } from "socket.io-client";
import type { Watch } from "../support/watch.ts";
import { listen } from "./follower.ts";
import { Ledger } from "./ledger.ts";
import { clientOptions, type Setting } from "./settings.ts";
import { onStuckUpgrade } from "./stuck-upgrade.ts";

/** A page takes a moment to load, in milliseconds. */
const RELOAD = 20;

export class Reloader implements Disposable {
  readonly ledger: Ledger;
  connections = 0;
  /** How often it noticed that its connection was gone. */
  losses = 0;
  /** How often it was stuck in an upgrade. */
  rescues = 0;
  readonly #open: () => Socket;
  #socket: Socket;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    relay: string,
    room: string,
    setting: Setting,
    options: { name: string; watch: Watch },
  ) {
    const { name, watch } = options;
    this.ledger = new Ledger(name, watch);
    this.#open = () => {
      const socket = io(relay, {
        ...clientOptions(room, setting),
        reconnection: false,
        auth: { offset: this.ledger.offset ?? "0" },
      });
      socket.on("connect", () => {
        this.connections++;
        this.ledger.connected(true);
        watch.changed();
      });
      listen(socket, this.ledger);
      const gone = () => {
        this.losses++;
        watch.changed();
        this.#reload(socket);
      };
      socket.on("disconnect", gone);
      socket.on("connect_error", gone);
      onStuckUpgrade(socket, () => {
        this.rescues++;
        gone();
      });
      return socket;
    };
    this.#socket = this.#open();
  }

  get name(): string {
    return this.ledger.name;
  }

  get connected(): boolean {
    return this.#socket.connected;
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#socket.off().disconnect();
  }

  #reload(old: Socket): void {
    old.off();
    old.offAny();
    old.disconnect();
    this.#timer = setTimeout(() => {
      this.#socket = this.#open();
    }, RELOAD);
  }
}
