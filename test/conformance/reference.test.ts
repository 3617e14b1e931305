/** Our rooms and the reference server, asked the same; see docs/conformance.md. */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/install.mjs";
import { DIFFERENCES, differenceOf } from "./differences.ts";
import { DIALOGUES } from "./scripts/dialogues.ts";
import { FRAMES } from "./scripts/frames.ts";
import { PACKETS } from "./scripts/packets.ts";
import { POLLING } from "./scripts/polling.ts";
import { REQUESTS } from "./scripts/requests.ts";
import type { Script } from "./scripts/script.ts";
import { BEATS, LIMITS } from "./scripts/times.ts";
import { UPGRADES } from "./scripts/upgrades.ts";
import { ReferenceServer } from "./support/reference.ts";
import {
  type Bindings,
  BRISK,
  HEARTBEATS,
  IMPATIENT,
  SERVERS,
  type ServerName,
  serve,
} from "./support/server.ts";
import { Stage } from "./support/stage.ts";

const TIMELESS = [...REQUESTS, ...POLLING, ...FRAMES, ...UPGRADES, ...PACKETS, ...DIALOGUES];
const SCRIPTS = [...TIMELESS, ...BEATS, ...LIMITS];

/** All that a server answers to a script. */
async function play({ server, play }: Script, endpoint: string): Promise<readonly string[]> {
  const stage = new Stage(server, endpoint);
  try {
    await play(stage);
    return stage.lines;
  } finally {
    stage.end();
  }
}

function compare(
  scripts: readonly Script[],
  name: ServerName,
  heartbeat: string,
  bindings: Bindings,
): void {
  const server = serve(name, bindings);
  let reference: ReferenceServer | undefined;

  beforeAll(async () => {
    reference = await ReferenceServer.start(name, bindings);
  });
  afterAll(() => reference?.[Symbol.asyncDispose]());

  const titled = scripts.map((script) => {
    const difference = differenceOf(script.name, heartbeat);
    return { script, difference, title: `${script.rule} ${script.name}` };
  });
  const same = titled.filter(({ difference }) => difference === undefined);
  const other = titled.filter(({ difference }) => difference !== undefined);

  async function playBoth(script: Script): Promise<readonly (readonly string[])[]> {
    if (reference === undefined) throw new Error("the reference server is not there");
    const theirs = await play(script, reference.endpoint);
    expect(theirs).not.toEqual([]);
    return [theirs, await play(script, server.endpoint)];
  }

  it.each(same)("$title", async ({ script }) => {
    const [theirs, ours] = await playBoth(script);
    expect(ours).toEqual(theirs);
  });

  it.runIf(other.length > 0).each(other)("$title (not as the reference server)", async (each) => {
    expect(await playBoth(each.script)).toEqual(each.difference);
  });
}

describe.each(HEARTBEATS)("with %s,", (heartbeat, bindings) => {
  describe.each(Object.keys(SERVERS) as ServerName[])("the %s room", (name) => {
    const scripts = TIMELESS.filter(({ server }) => server === name);
    compare(scripts, name, heartbeat, bindings);
  });
});

describe("with frequent pings,", () => {
  compare(BEATS, "socket", "an exact heartbeat", BRISK);
});

describe("with little time to join,", () => {
  compare(LIMITS, "socket", "an exact heartbeat", IMPATIENT);
});

describe("the tables", () => {
  const names = SCRIPTS.map(({ name }) => name);
  const differing = DIFFERENCES.flatMap(({ scripts }) => Object.entries(scripts));

  it("name each script once", () => {
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });

  it("have no difference without its script, and no script with two", () => {
    const known = differing.map(([name]) => name);
    expect(known.filter((name) => !names.includes(name))).toEqual([]);
    expect(known.filter((name, i) => known.indexOf(name) !== i)).toEqual([]);
  });

  it("have no difference that is none", () => {
    for (const [name, [reference, roomlog]] of differing)
      expect(reference, name).not.toEqual(roomlog);
  });

  it("have no difference that docs/conformance.md does not tell", () => {
    const told = readFileSync(`${root}docs/conformance.md`, "utf8");
    const untold = DIFFERENCES.filter(({ rule, why }) => !told.includes(`| ${rule} | ${why} |`));
    expect(untold.map(({ why }) => why)).toEqual([]);
  });
});
