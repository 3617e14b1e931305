// The package as npm gets it, in the hands of a user who has nothing but what it depends on.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/install.mjs";
import { exclusively, packInto, unpack } from "../../scripts/pack.ts";
import { buildWorker, startRelay } from "../../scripts/relay.ts";
import { TemporaryFolder } from "../support/temporary.ts";

describe("the package", () => {
  const user = new TemporaryFolder();
  const home = join(user.path, "node_modules/roomlog");
  let files: string[];

  beforeAll(() => {
    unpack(
      exclusively(() => packInto(user.path)),
      home,
    );
    files = globSync("**/*", { cwd: home, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(home, join(entry.parentPath, entry.name)))
      .toSorted();
    for (const name of ["hono", "valibot", "@cloudflare/workers-types"]) {
      const place = join(user.path, "node_modules", name);
      mkdirSync(dirname(place), { recursive: true });
      symlinkSync(join(root, "node_modules", name), place, "junction");
    }
    cpSync(join(root, "test/package/user"), user.path, { recursive: true });
  }, 120_000);

  afterAll(() => user[Symbol.dispose]());

  const text = (file: string) => readFileSync(join(home, file), "utf8");
  const modules = () => files.filter((file) => file.endsWith(".js"));

  it("holds its code, types and papers, and nothing else", () => {
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", "package.json"];
    const sources = modules().map((file) =>
      file.replace("dist/package/", "src/").replace(/\.js$/, ".ts"),
    );
    expect(files).toEqual(
      [
        ...papers,
        ...modules(),
        ...modules().map((file) => file.replace(/\.js$/, ".d.ts")),
      ].toSorted(),
    );
    expect(sources).toContain("src/roomlog.ts");
    // Of the plain relay's Worker, which is no part of it.
    expect(sources).not.toContain("src/index.ts");
    expect(sources.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });

  it("names no file of the machine that packed it, nor any source", () => {
    const code = files.filter((file) => file.startsWith("dist/"));
    for (const file of [...code, "package.json"]) {
      expect(text(file), file).not.toContain(root);
      expect(text(file), file).not.toMatch(/(?:from |import\()"[^"]*\.ts"/);
      expect(text(file), file).not.toContain("sourceMappingURL");
    }
  });

  it("imports what it holds, what it depends on, and the runtime", () => {
    const { dependencies, exports, types } = JSON.parse(text("package.json"));
    expect(files.map((file) => `./${file}`)).toEqual(
      expect.arrayContaining([...Object.values(exports["."]), types]),
    );
    const bare = new Set<string>();
    for (const file of files.filter((file) => /\.(js|d\.ts)$/.test(file))) {
      for (const [, to = ""] of text(file).matchAll(/(?:from |import\(|^import )"([^"]+)"/gm)) {
        if (!to.startsWith(".")) bare.add(to);
        else expect(files, `${to} of ${file}`).toContain(join(dirname(file), to));
      }
    }
    const packages = [...bare].map((name) => name.split("/")[0]);
    expect(new Set(packages)).toEqual(
      new Set([...Object.keys(dependencies), "cloudflare:workers"]),
    );
  });

  it.each(["bundler", "nodenext"])("its types hold for a user's Worker (%s)", (resolution) => {
    const config = {
      compilerOptions: {
        target: "ES2024",
        lib: ["ES2024"],
        module: resolution === "nodenext" ? "nodenext" : "esnext",
        moduleResolution: resolution,
        types: ["@cloudflare/workers-types"],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      },
      files: ["worker.ts"],
    };
    const file = join(user.path, `tsconfig.${resolution}.json`);
    writeFileSync(file, JSON.stringify(config));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", file], { encoding: "utf8" });
    expect(stdout).toBe("");
    expect(status).toBe(0);
  });

  it("ROOM-1 a user's room runs: what it overrides is its own, the rest is the relay's", async () => {
    const config = relative(root, join(user.path, "package-user.toml"));
    const bundle = await buildWorker(config);
    const relay = await startRelay({ state: join(user.path, "state"), config, bundle });
    const sockets: Socket[] = [];
    const connect = () => {
      const socket = io(relay.url, { path: "/rooms/lobby/socket.io", forceNew: true });
      sockets.push(socket);
      return socket;
    };
    try {
      const [ada, grace] = [connect(), connect()];
      await Promise.all(
        [ada, grace].map((each) => new Promise<void>((done) => each.on("connect", done))),
      );
      const heard = new Promise((resolve) => grace.on("heard", (...args) => resolve(args)));
      const ack = await ada.emitWithAck("shout", "hello");
      expect(ack).toEqual({ offset: expect.any(String), duplicate: false });
      expect(await heard).toEqual(["HELLO", ack.offset]);
      expect(await ada.emitWithAck("whisper", "hello")).toEqual({
        error: { code: "too_quiet", message: "speak up" },
      });
      const answer = await fetch(`${relay.url}/rooms/lobby/events`);
      expect(await answer.json()).toMatchObject({
        events: [{ offset: ack.offset, event: "heard", args: ["HELLO"] }],
        next: null,
      });
    } finally {
      for (const socket of sockets) socket.disconnect();
      await relay.stop();
      rmSync(bundle, { recursive: true });
    }
  }, 60_000);
});
