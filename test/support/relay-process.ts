// `npm start` as a process of its own, to be killed without warning.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../scripts/install.mjs";

/** Milliseconds that a start or a death may take. */
const PATIENCE = 30_000;
const LOOK_AGAIN = 25;

export class RelayProcess implements AsyncDisposable {
  readonly url: string;
  readonly #child: ChildProcess;
  #output = "";

  private constructor(port: number, state: string) {
    this.url = `http://127.0.0.1:${port}`;
    const args = ["scripts/start.mjs", "--port", String(port), "--state", state];
    this.#child = spawn(process.execPath, args, {
      cwd: root,
      // A process group of its own, so that all of it can be killed at once.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      // As under npm: it then stops by itself should this process be killed.
      env: { ...process.env, npm_lifecycle_event: "start" },
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#output = (this.#output + text).slice(-10_000);
      });
    }
  }

  /** Resolves when the relay answers. */
  static async start(port: number, state: string): Promise<RelayProcess> {
    const relay = new RelayProcess(port, state);
    const answers = await relay.#becomes(true).catch(() => false);
    if (answers) return relay;
    await relay.kill();
    throw new Error(`The relay did not start.\n${relay.#output}`);
  }

  /** SIGKILL to all of its processes. Resolves when nobody listens any more. */
  async kill(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined) return;
    const exited = this.#running ? once(this.#child, "exit") : undefined;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      // Nobody of the group is left.
      if (!String(error).includes("ESRCH")) throw error;
    }
    await exited;
    await this.#becomes(false);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }

  get #running(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Waits for the relay to answer, or to be gone; false if it ended by itself instead. */
  async #becomes(reachable: boolean): Promise<boolean> {
    const until = performance.now() + PATIENCE;
    while ((await this.#reachable()) !== reachable) {
      if (reachable && !this.#running) return false;
      if (performance.now() > until) {
        throw new Error(`${this.url} is ${reachable ? "still not" : "still"} answering`);
      }
      await sleep(LOOK_AGAIN);
    }
    return true;
  }

  async #reachable(): Promise<boolean> {
    try {
      return (await fetch(`${this.url}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok;
    } catch {
      return false;
    }
  }
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no TCP port");
  return address.port;
}
