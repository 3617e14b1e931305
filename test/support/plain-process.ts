// The built relay on workerd alone: what answers is what would answer on Cloudflare, but for its edge.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { buildWorker } from "../../scripts/build.ts";
import { startWorkerd } from "../../scripts/plain-workerd.ts";
import { localSettings } from "../../scripts/settings.ts";
import { freePort } from "./relay-process.ts";
import { TemporaryFolder } from "./temporary.ts";

let bundle: Promise<string> | undefined;

export class PlainProcess implements AsyncDisposable {
  readonly url: string;
  readonly #workerd: ChildProcess;
  readonly #folder: TemporaryFolder;

  private constructor(url: string, workerd: ChildProcess, folder: TemporaryFolder) {
    this.url = url;
    this.#workerd = workerd;
    this.#folder = folder;
  }

  /** Resolves when it answers; open to everyone but for `settings`. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<PlainProcess> {
    bundle ??= buildWorker();
    const folder = new TemporaryFolder();
    const port = await freePort();
    const options = {
      port,
      data: `${folder.path}/data`,
      folder: folder.path,
      bundle: await bundle,
      settings: { ...localSettings({}), ...settings },
    };
    const relay = new PlainProcess(
      `http://127.0.0.1:${port}`,
      startWorkerd(options, "ignore"),
      folder,
    );
    while (!(await relay.answers())) {
      if (!relay.runs) throw new Error("workerd did not start");
      await sleep(20);
    }
    return relay;
  }

  get pid(): number {
    return this.#workerd.pid ?? 0;
  }

  get runs(): boolean {
    return this.#workerd.exitCode === null && this.#workerd.signalCode === null;
  }

  async answers(): Promise<boolean> {
    const response = await fetch(`${this.url}/healthz`).catch(() => undefined);
    return response?.ok ?? false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.runs) {
      const exited = once(this.#workerd, "exit");
      this.#workerd.kill("SIGKILL");
      await exited;
    }
    this.#folder[Symbol.dispose]();
  }
}
