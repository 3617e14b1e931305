// What wrangler.toml says, for those who run the Worker without wrangler.
import { parse } from "node:path";
import type { V4WorkerOptionsShape } from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_readConfig } from "wrangler";
import { RELAY_CONFIG } from "./build.ts";
import { root } from "./install.mjs";

/** The parts of wrangler.toml that plain workerd needs. */
export interface WorkerConfig {
  name: string;
  /** The bundle's entry. */
  entry: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
  objects: { binding: string; className: string }[];
}

/** The Worker as Miniflare's options, without its code. */
export function miniflareWorkerOptions(config?: string): V4WorkerOptionsShape {
  const { workerOptions } = unstable_getMiniflareWorkerOptions(pathOf(config));
  return { ...workerOptions, name: readWorkerConfig(config).name };
}

/** @param file a wrangler.toml, relative to the project; default: the relay's */
export function readWorkerConfig(file?: string): WorkerConfig {
  // wrangler's types for this come from a package that it doesn't ship.
  const config: {
    name?: string;
    main?: string;
    compatibility_date?: string;
    compatibility_flags: string[];
    durable_objects: { bindings: { name: string; class_name: string }[] };
  } = unstable_readConfig({ config: pathOf(file) });
  const { name, main, compatibility_date: compatibilityDate } = config;
  if (name === undefined || main === undefined || compatibilityDate === undefined) {
    throw new Error("wrangler.toml needs a name, a main and a compatibility_date.");
  }
  return {
    name,
    entry: `${parse(main).name}.js`,
    compatibilityDate,
    compatibilityFlags: config.compatibility_flags,
    objects: config.durable_objects.bindings.map((object) => ({
      binding: object.name,
      className: object.class_name,
    })),
  };
}

function pathOf(config: string = RELAY_CONFIG): string {
  return `${root}${config}`;
}
