// A quiet room sleeps with its sockets open, and wakes for the next event.
import { globSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { startRelay } from "../../scripts/relay.ts";
import { buildEntry } from "../support/build-entry.ts";
import { TemporaryFolder } from "../support/temporary.ts";
import { Watch } from "../support/watch.ts";
import { Follower } from "./follower.ts";
import { HttpRoom } from "./http-room.ts";
import { show } from "./step.ts";

const SOCKETS = 100;
/** workerd puts an object to sleep 10 s after its last work; before 25 s it is not pinged. */
const SECONDS = 24;
const ENTRY = fileURLToPath(new URL("../support/counting-worker.ts", import.meta.url));

it("LIFE-1 ROOM-3: an idle room hibernates, and keeps its sockets", async () => {
  using bundle = new TemporaryFolder();
  using state = new TemporaryFolder();
  await buildEntry(ENTRY, bundle.path);
  const relay = await startRelay({ state: state.path, bundle: bundle.path });
  using clients = new DisposableStack();
  try {
    const room = "sleepy";
    const http = new HttpRoom(relay.url, room);
    const constructions = async () =>
      (await fetch(`${relay.url}/constructions?room=${room}`)).json();
    const watch = new Watch(SECONDS);
    const sockets = Array.from({ length: SOCKETS }, (_, i) => {
      const options = { name: `socket ${i + 1}`, watch };
      return clients.use(new Follower(relay.url, room, "websocket", options));
    });
    const connected = () => sockets.filter((socket) => socket.connected).length;
    await watch.until(
      () => connected() === SOCKETS,
      () => `${connected()} of ${SOCKETS} sockets are connected`,
    );
    const ids = sockets.map(({ socket }) => socket.id);
    expect(await constructions()).toBe(1);

    // SQLite removes its write-ahead log when the last connection to a database is closed, which
    // is when the object goes: seen from the file system, so that nothing wakes it.
    const open = () =>
      globSync("**/*RoomObject/[0-9a-f]*.sqlite-wal", { cwd: state.path }).length > 0;
    expect(open(), "the room's database is open").toBe(true);
    await watch.until(
      () => !open(),
      () => "the room did not hibernate",
    );
    expect(await constructions(), "constructions before the publish").toBe(1);

    // Wakes for a publish …
    const steps = [
      { from: "http", n: 1 },
      { from: "socket", n: 1 },
    ] as const;
    const { offset } = await http.publish(steps[0], show(steps[0]));
    const reached = (goal: unknown) =>
      sockets.filter(({ ledger }) => ledger.offset === goal).length;
    await watch.until(
      () => reached(offset) === SOCKETS,
      () => `${reached(offset)} of ${SOCKETS} sockets got the publish`,
    );
    expect(await constructions(), "constructions after the publish").toBe(2);

    // … and its sockets are those from before: none came back, and they can emit.
    const [emitter] = sockets;
    const ack = await emitter?.socket.timeout(5_000).emitWithAck("step", steps[1]);
    await watch.until(
      () => reached(ack.offset) === SOCKETS - 1,
      () => `${reached(ack.offset)} of ${SOCKETS - 1} sockets got the emit`,
    );
    const log = await http.readLog();
    expect(log.map(({ step }) => step)).toEqual(steps);
    for (const { ledger } of sockets)
      ledger.compare(log, ledger === emitter?.ledger ? "socket" : undefined);
    expect(sockets.map(({ socket }) => socket.id)).toEqual(ids);
    expect(sockets.map(({ connections }) => connections)).toEqual(ids.map(() => 1));
  } finally {
    await relay.stop();
  }
}, 60_000);
