// The built relay on workerd alone, for as long as a file's tests run: what answers is what would
// answer on Cloudflare, but for its edge.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll } from "vitest";
import { buildWorker } from "../../scripts/build.ts";
import { startWorkerd } from "../../scripts/plain-workerd.ts";
import { localSettings } from "../../scripts/settings.ts";
import { freePort } from "./relay-process.ts";
import { TemporaryFolder } from "./temporary.ts";

export type PlainRelay = {
  /** Known once the tests run. */
  readonly url: string;
};

let bundle: Promise<string> | undefined;

/** Starts a relay before the tests of the suite that calls this, and stops it after them. */
export function plainRelay(settings: Readonly<Record<string, string>> = {}): PlainRelay {
  let folder: TemporaryFolder | undefined;
  let workerd: ChildProcess | undefined;
  let url: string | undefined;

  beforeAll(async () => {
    bundle ??= buildWorker();
    folder = new TemporaryFolder();
    const port = await freePort();
    workerd = startWorkerd(
      {
        port,
        data: `${folder.path}/data`,
        folder: folder.path,
        bundle: await bundle,
        settings: { ...localSettings({}), ...settings },
      },
      "ignore",
    );
    url = `http://127.0.0.1:${port}`;
    const isUp = async () => (await fetch(`${url}/healthz`).catch(() => undefined))?.ok;
    while (!(await isUp())) {
      if (workerd.exitCode !== null) throw new Error(`workerd ended with ${workerd.exitCode}`);
      await sleep(20);
    }
  }, 60_000);

  afterAll(async () => {
    if (workerd !== undefined && workerd.exitCode === null) {
      const exited = once(workerd, "exit");
      workerd.kill("SIGKILL");
      await exited;
    }
    folder?.[Symbol.dispose]();
  });

  return {
    get url() {
      if (url === undefined) throw new Error("the relay is not there yet");
      return url;
    },
  };
}
