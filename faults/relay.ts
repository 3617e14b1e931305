// The relay as a process that can be killed, stopped, and put in another's place.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { startWorkerd } from "../scripts/plain-workerd.ts";
import { CONTROL, type Failpoint, REACHED } from "./worker/failpoints.ts";

export const CONFIG = "faults/worker/wrangler.toml";

/** Few enough that they are trimmed again and again. */
export const KEPT_EVENTS = 600;

/** Heartbeats with which rooms may sleep. */
const SETTINGS = {
  ANONYMOUS: "write",
  ORIGINS: "*",
  EPHEMERAL: "whisper",
  PING_INTERVAL: "10000",
  PING_TIMEOUT: "5000",
  KEEP_EVENTS: String(KEPT_EVENTS),
};

/** Milliseconds that a start may take. */
const PATIENCE = 20_000;
const LOOK_AGAIN = 10;

export type RelayOptions = {
  readonly port: number;
  /** A folder for databases, bundle and configuration. */
  readonly folder: string;
  /** Folders of built bundles; the first is begun with. */
  readonly bundles: readonly string[];
  readonly settings?: Readonly<Record<string, string>>;
};

export class Relay {
  readonly url: string;
  readonly #options: RelayOptions;
  #child: ChildProcess | undefined;
  #bundle = 0;
  #onFailpoint: (() => void) | undefined;
  /** The last it said that was not ours. */
  readonly #said: string[] = [];

  constructor(options: RelayOptions) {
    this.#options = options;
    this.url = `http://127.0.0.1:${options.port}`;
  }

  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error("workerd does not run");
    return pid;
  }

  /** Resolves when it answers. */
  async start(): Promise<void> {
    const { bundles, folder, port, settings } = this.#options;
    const bundle = bundles[this.#bundle % bundles.length] ?? "";
    const data = `${folder}/data`;
    const all = { ...SETTINGS, ...settings };
    const child = startWorkerd(
      { port, data, folder, bundle, config: CONFIG, settings: all },
      "pipe",
    );
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on("line", (line) => this.#heard(line));
    }
    const until = performance.now() + PATIENCE;
    while (!(await this.#answers())) {
      if (child.exitCode !== null || performance.now() > until) {
        throw new Error(`the relay did not start\n${this.#said.join("\n")}`);
      }
      await sleep(LOOK_AGAIN);
    }
  }

  /** SIGKILL. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  /** From the next start on, it runs the other bundle. */
  redeploy(): void {
    this.#bundle++;
  }

  /** It stands still, alive and silent, for so many milliseconds. */
  async stop(milliseconds: number): Promise<void> {
    this.#child?.kill("SIGSTOP");
    await sleep(milliseconds);
    this.#child?.kill("SIGCONT");
  }

  /**
   * Has the room stand still at a failpoint.
   * @returns whether it was reached within so many milliseconds
   */
  async standStill(
    room: string,
    point: Failpoint,
    after: number,
    milliseconds: number,
  ): Promise<boolean> {
    const reached = new Promise<boolean>((resolve) => {
      this.#onFailpoint = () => resolve(true);
    });
    const armed = await this.#control("arm", { room, point, after: String(after) });
    if (!armed) return false;
    if (point === "alarm") void this.#control("ring", { room });
    return Promise.race([reached, sleep(milliseconds, false, { ref: false })]);
  }

  /** The room's instance goes, and all its connections with it; the process stays. */
  async evict(room: string): Promise<void> {
    await this.#control("evict", { room });
  }

  async #control(what: string, query: Record<string, string>): Promise<boolean> {
    try {
      const url = `${this.url}${CONTROL}${what}?${new URLSearchParams(query)}`;
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.text();
      return response.ok;
    } catch {
      // Stopped, killed or evicted in between: then that is the fault.
      return false;
    }
  }

  #heard(line: string): void {
    if (line.includes(REACHED)) this.#onFailpoint?.();
    else this.#said.push(line.slice(0, 500));
    if (this.#said.length > 20) this.#said.shift();
  }

  async #answers(): Promise<boolean> {
    try {
      const response = await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(1_000) });
      await response.text();
      return response.ok;
    } catch {
      return false;
    }
  }
}
