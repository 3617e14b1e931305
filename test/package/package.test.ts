// The package as npm gets it, in the hands of a user who has nothing but what it depends on.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { io, type Socket } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../scripts/install.mjs";
import { exclusively, packInto } from "../../scripts/pack.ts";
import { buildWorker, startRelay } from "../../scripts/relay.ts";
import { localRelay } from "../support/local-relay.ts";
import { TemporaryFolder } from "../support/temporary.ts";

describe("the package", () => {
  const user = new TemporaryFolder();
  const home = join(user.path, "node_modules/roomlog");
  let files: string[];

  beforeAll(() => {
    const tarball = exclusively(() => packInto(user.path));
    cpSync(join(root, "test/package/user"), user.path, { recursive: true });
    install(tarball);
    files = globSync("**/*", { cwd: home, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(home, join(entry.parentPath, entry.name)))
      .toSorted();
  }, 120_000);

  afterAll(() => user[Symbol.dispose]());

  /** As a user does, but for the network: what it depends on is here already. */
  function install(tarball: string): void {
    const present = ["hono", "jose", "valibot", "@cloudflare/workers-types", "@types/node"];
    const links = present.map((name) => [name, `file:${join(root, "node_modules", name)}`]);
    const dependencies = { ...Object.fromEntries(links), roomlog: `file:${tarball}` };
    const project = { private: true, type: "module", dependencies };
    writeFileSync(join(user.path, "package.json"), JSON.stringify(project));
    const args = ["install", "--offline", "--no-audit", "--no-fund", "--ignore-scripts"];
    const shell = process.platform === "win32";
    const { status, stderr } = spawnSync("npm", args, { cwd: user.path, encoding: "utf8", shell });
    if (status !== 0) throw new Error(`npm install failed.\n${stderr}`);
  }

  const text = (file: string) => readFileSync(join(home, file), "utf8");
  const modules = () => files.filter((file) => file.endsWith(".js"));
  /** The command is no module for others, so it has no types. */
  const typed = () => modules().filter((file) => !file.startsWith("dist/package/cli/"));

  it("holds its code, types and papers, and nothing else", () => {
    const others = ["CHANGELOG.md", "LICENSE", "README.md", "bin/roomlog.mjs", "package.json"];
    const sources = modules().map((file) =>
      file.replace("dist/package/", "src/").replace(/\.js$/, ".ts"),
    );
    expect(files).toEqual(
      [
        ...others,
        ...modules(),
        ...typed().map((file) => file.replace(/\.js$/, ".d.ts")),
      ].toSorted(),
    );
    expect(sources).toEqual(
      expect.arrayContaining(["src/roomlog.ts", "src/server.ts", "src/cli/main.ts"]),
    );
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
    const { dependencies, exports, types, bin } = JSON.parse(text("package.json"));
    const named = Object.values<object>(exports).flatMap((each) => Object.values(each));
    expect(files.map((file) => `./${file}`)).toEqual(
      expect.arrayContaining([...named, types, `./${bin.roomlog}`]),
    );
    const bare = new Set<string>();
    for (const file of files.filter((file) => /\.(js|d\.ts)$/.test(file))) {
      for (const [, to = ""] of text(file).matchAll(/(?:from |import\(|^import )"([^"]+)"/gm)) {
        if (to.startsWith("node:")) expect(file).toMatch(/^dist\/package\/cli\//);
        else if (!to.startsWith(".")) bare.add(to);
        else expect(files, `${to} of ${file}`).toContain(join(dirname(file), to));
      }
    }
    const packages = [...bare].map((name) => name.split("/")[0]);
    expect(new Set(packages)).toEqual(
      new Set([...Object.keys(dependencies), "cloudflare:workers"]),
    );
  });

  it.each([
    ["a Worker", "bundler", "@cloudflare/workers-types", ["worker.ts", "backend-worker.ts"]],
    ["a Worker", "nodenext", "@cloudflare/workers-types", ["worker.ts", "backend-worker.ts"]],
    ["a backend in Node", "bundler", "node", ["backend.ts"]],
    ["a backend in Node", "nodenext", "node", ["backend.ts"]],
  ])("its types hold for %s (%s)", (_, resolution, types, files) => {
    const config = {
      compilerOptions: {
        target: "ES2024",
        lib: ["ES2024"],
        module: resolution === "nodenext" ? "nodenext" : "esnext",
        moduleResolution: resolution,
        types: [types],
        strict: true,
        exactOptionalPropertyTypes: true,
        noEmit: true,
      },
      files,
    };
    const file = join(user.path, `tsconfig.${types.split("/")[0]}.${resolution}.json`);
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

  describe("in the hands of a backend", () => {
    const relay = localRelay();

    it("roomlog/server runs in Node", () => {
      const { stdout, stderr } = runInNode("backend.ts");
      expect(stderr).toBe("");
      expect(JSON.parse(stdout)).toEqual({
        offset: expect.stringMatching(/-1$/),
        events: [expect.objectContaining({ event: "paid", args: [{ order: 17 }] })],
        code: "head_moved",
        parts: 3,
      });
    });

    it("roomlog/server runs in a Worker", async () => {
      const config = relative(root, join(user.path, "backend-worker.toml"));
      const bundle = await buildWorker(config);
      const state = join(user.path, "backend-state");
      const worker = await startRelay({ state, config, bundle, bindings: { RELAY: relay.url } });
      try {
        const answer = await fetch(worker.url);
        expect(await answer.json()).toEqual({
          published: { offset: expect.stringMatching(/-1$/), duplicate: false },
          bytes: [1, 2],
          parts: 3,
        });
      } finally {
        await worker.stop();
        rmSync(bundle, { recursive: true });
      }
    }, 60_000);

    it("the command runs as it was installed", () => {
      const bin = join("node_modules", ".bin", "roomlog");
      expect(runInNode(bin, "--version").stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
      const { stdout } = runInNode(bin, "publish", "installed", "chat", "hello");
      expect(stdout).toMatch(/^[a-z0-9]+-1\n$/);
      const info = runInNode(bin, "info", "installed", "--json");
      expect(JSON.parse(info.stdout)).toMatchObject({ room: "installed", head: stdout.trim() });
    });

    function runInNode(...args: string[]) {
      const env = { PATH: process.env.PATH ?? "", RELAY: relay.url, ROOMLOG_URL: relay.url };
      return spawnSync(process.execPath, args, { cwd: user.path, env, encoding: "utf8" });
    }
  });
});
