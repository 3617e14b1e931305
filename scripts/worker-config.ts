// What wrangler.toml says, for those who run the Worker without wrangler.
import type { V4WorkerOptionsShape } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { root } from "./install.mjs";

const file = `${root}wrangler.toml`;

/** The parts of wrangler.toml that plain workerd needs. */
export interface WorkerConfig {
  name: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
  objects: { binding: string; className: string }[];
}

/** The Worker as Miniflare's options, without its code. */
export function miniflareWorkerOptions(): V4WorkerOptionsShape {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(file);
  return { ...workerOptions, name: readWorkerConfig().name };
}

export function readWorkerConfig(): WorkerConfig {
  // wrangler's types for this come from a package that it doesn't ship.
  const config: {
    name?: string;
    compatibility_date?: string;
    compatibility_flags: string[];
    durable_objects: { bindings: { name: string; class_name: string }[] };
  } = unstable_readConfig({ config: file });
  const { name, compatibility_date: compatibilityDate } = config;
  if (name === undefined || compatibilityDate === undefined) {
    throw new Error("wrangler.toml needs a name and a compatibility_date.");
  }
  return {
    name,
    compatibilityDate,
    compatibilityFlags: config.compatibility_flags,
    objects: config.durable_objects.bindings.map((object) => ({
      binding: object.name,
      className: object.class_name,
    })),
  };
}
