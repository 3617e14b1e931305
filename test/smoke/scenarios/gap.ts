// Offsets that can't be served: the reader is told before anything else, and gets what is kept.
import { io, type Socket } from "socket.io-client";
import { Violation, Watch } from "../../support/watch.ts";
import { HttpRoom } from "../http-room.ts";
import { freshRoom, type Scenario, secondsSince } from "../scenario.ts";
import { clientOptions, SETTING_NAMES, type Setting } from "../settings.ts";
import { parseOffset, type Step, show } from "../step.ts";

const EVENTS = 40;
const SECONDS = 30;

/** An offset that a client may send, and what the gap has to say. */
type BadOffset = { readonly offset: unknown; readonly requested: unknown; readonly reason: string };

type Room = { readonly relay: string; readonly room: string; readonly offsets: string[] };

export const gap: Scenario = {
  name: "gap",
  rules: "SUB-6",
  promise: "an offset that can't be served is answered by a gap, then by what is kept",
  async run(relay) {
    const start = performance.now();
    let readers = 0;
    for (const setting of SETTING_NAMES) {
      const room = freshRoom("gap");
      const offsets: string[] = [];
      for (let n = 1; n <= EVENTS; n++) offsets.push(await publish(relay, room, n));
      const cases = badOffsets(offsets).flatMap((bad) => [
        { bad, resuming: false },
        { bad, resuming: true },
      ]);
      await Promise.all(
        cases.map(({ bad, resuming }) => runOne({ relay, room, offsets }, setting, bad, resuming)),
      );
      readers += cases.length;
    }
    return { "events kept": EVENTS, readers, seconds: secondsSince(start) };
  },
};

async function publish(relay: string, room: string, n: number): Promise<string> {
  const step: Step = { from: "http", n };
  return (await new HttpRoom(relay, room).publish(step, show(step))).offset;
}

function badOffsets(offsets: readonly string[]): BadOffset[] {
  const { epoch, seq } = parseOffset(offsets.at(-1)) ?? { epoch: "", seq: 0 };
  const quoted = (offset: string | number, reason: string) => ({
    offset,
    requested: offset,
    reason,
  });
  return [
    quoted(`${epoch}-${seq + 1}`, "future"),
    quoted(seq + 1_000, "future"),
    quoted(`another-${seq}`.replace("another", `${epoch}x`), "epoch"),
    quoted("no offset", "malformed"),
    quoted(`${epoch}--1`, "malformed"),
    quoted(1.5, "malformed"),
    // Not something that should be sent back.
    { offset: { seq }, requested: null, reason: "malformed" },
  ];
}

/**
 * @param resuming does the client come with a pid that could be resumed, were it not for the offset?
 */
async function runOne(
  { relay, room, offsets }: Room,
  setting: Setting,
  bad: BadOffset,
  resuming: boolean,
): Promise<void> {
  const name =
    `${setting} reader with the offset ${JSON.stringify(bad.offset)} ` +
    `${resuming ? "and a pid" : "and no pid"}`;
  const watch = new Watch(SECONDS);
  using client = new Client(relay, room, setting, watch);
  const { socket, got } = client;
  if (resuming) {
    await client.connect({ rewind: 1 });
    await client.expect(name, [["step", offsets.length, offsets.at(-1)], liveAfter(1, offsets)]);
    socket.disconnect();
    got.length = 0;
  }

  await client.connect({ offset: bad.offset });
  if (socket.recovered) throw new Violation(`${name} was told that it was recovered`);
  const kept = offsets.map((offset, i) => ["step", i + 1, offset]);
  await client.expect(name, [gapFor(bad, offsets), ...kept, liveAfter(offsets.length, offsets)]);

  // From there it resumes as any other.
  const id = socket.id;
  socket.disconnect();
  got.length = 0;
  await client.connect({});
  if (!socket.recovered || socket.id !== id) {
    throw new Violation(`${name} was not recovered afterwards`);
  }
  await client.expect(name, [liveAfter(0, offsets)]);
}

/** What a client got, one line per event: its name, what it said, and the offset beside it. */
class Client implements Disposable {
  readonly socket: Socket;
  readonly got: unknown[][] = [];
  readonly #watch: Watch;

  constructor(relay: string, room: string, setting: Setting, watch: Watch) {
    this.#watch = watch;
    this.socket = io(relay, { ...clientOptions(room, setting), autoConnect: false });
    this.socket.on("connect", () => watch.changed());
    this.socket.onAny((name: string, first: { n?: number }, ...rest: unknown[]) => {
      this.got.push([name, name === "step" ? first.n : first, ...rest]);
      watch.changed();
    });
  }

  async connect(auth: Record<string, unknown>): Promise<void> {
    this.socket.auth = auth;
    this.socket.connect();
    await this.#watch.until(
      () => this.socket.connected,
      () => `no connection with auth ${JSON.stringify(auth)}`,
    );
  }

  async expect(name: string, expected: unknown[][]): Promise<void> {
    const { got } = this;
    const wrong = () =>
      got.findIndex((line, i) => JSON.stringify(line) !== JSON.stringify(expected[i]));
    await this.#watch.until(
      () => got.length >= expected.length || wrong() >= 0,
      () => `${name} got ${got.length} of ${expected.length} events`,
    );
    const i = wrong();
    if (i < 0) return;
    const [wanted, instead] = [JSON.stringify(expected[i]), JSON.stringify(got[i])];
    throw new Violation(`${name}: its event ${i + 1} should be ${wanted}, it got ${instead}`);
  }

  [Symbol.dispose](): void {
    this.socket.disconnect();
  }
}

function gapFor({ requested, reason }: BadOffset, offsets: readonly string[]): unknown[] {
  const epoch = parseOffset(offsets[0])?.epoch;
  const [first, head] = [offsets[0], offsets.at(-1)];
  return ["roomlog:gap", { requested, first, head, reason }, `${epoch}-0`];
}

function liveAfter(replayed: number, offsets: readonly string[]): unknown[] {
  const offset = offsets.at(-1);
  return ["roomlog:live", { offset, replayed }, offset];
}
