/** What can happen to a room and its clients, as fast-check draws it. */
import fc, { type AsyncCommand } from "fast-check";
import type { Link } from "./driver.ts";
import { PLACES } from "./peers.ts";
import { HOWS, type World } from "./world.ts";

/** What a command must know to be possible; all else is judged by what was seen. */
export type Model = object;

type Step = AsyncCommand<Model, World>;

/** A command that is possible at any time; what makes no sense at the moment does nothing. */
function step(name: string, run: (world: World) => Promise<void> | void): Step {
  return {
    check: () => true,
    async run(_, world) {
      await run(world);
      world.observe();
    },
    toString: () => name,
  };
}

const kinds = fc.constantFrom<Link["kind"]>("websocket", "polling");
const three = fc.nat({ max: 2 });

const readerConnects = fc
  .tuple(three, kinds, fc.constantFrom(...PLACES), fc.nat({ max: 40 }))
  .map(([n, kind, place, back]) =>
    step(`r${n} connects by ${kind} with ${place} (${back})`, (world) =>
      world.readers[n]?.connect(world.driver, kind, place, back),
    ),
  );

const writerConnects = fc
  .tuple(three, kinds)
  .map(([n, kind]) =>
    step(`w${n} connects by ${kind}`, (world) => world.writers[n]?.connect(world.driver, kind)),
  );

const emits = fc
  .tuple(three, fc.constantFrom("plain", "keyed", "repeated", "reused"), fc.nat({ max: 3 }))
  .map(([n, how, key]) =>
    step(`w${n} emits ${how} ${key}`, (world) => {
      const writer = world.writers[n];
      if (writer?.joined !== true) return;
      if (how === "plain") {
        writer.emit(world.newValue(), null);
        return;
      }
      // Other writers use the same keys, and are somebody else.
      const name = how === "keyed" ? `key-${writer.keyed.size}` : `key-${key}`;
      const known = writer.keyed.get(name);
      if (known === undefined) {
        const value = world.newValue();
        writer.keyed.set(name, { value, acked: false });
        writer.emit(value, name);
      } else {
        const again = how !== "reused" || !known.acked;
        writer.emit(again ? known.value : world.newValue("surely"), name);
      }
    }),
  );

const publishes = fc
  .tuple(fc.integer({ min: 1, max: 8 }), fc.constantFrom(...HOWS))
  .map(([count, how]) =>
    step(`the backend publishes ${count} ${how}`, (world) => world.publish(count, how)),
  );

const both = fc.constantFrom("readers", "writers");

type Move = "fetch" | "upgrade" | "leave" | "drop";

const moves = fc
  .tuple(fc.constantFrom<Move>("fetch", "upgrade", "upgrade", "leave", "drop"), both, three)
  .map(([what, who, n]) => step(`${who}[${n}] ${what}`, (world) => world[who][n]?.[what]()));

const fixed = {
  whisper: step("the backend whispers", (world) => world.whisper()),
  evict: step("the room is evicted", (world) => world.driver.evict()),
  crash: step("the room crashes", (world) => world.driver.crash()),
  disk: step("the disk is full once", (world) => void world.driver.failDisk()),
};

const passes = fc
  .constantFrom(1_000, 26_000, 600_000)
  .map((ms) => step(`${ms} ms pass`, (world) => world.driver.pass(ms)));

/** Sequences of what can happen; what happens often stands there often. */
export function commands(size: number): fc.Arbitrary<Iterable<Step>> {
  const rare = fc.oneof(
    { arbitrary: fc.constant(fixed.evict), weight: 4 },
    { arbitrary: fc.constant(fixed.crash), weight: 2 },
    { arbitrary: fc.constant(fixed.disk), weight: 2 },
    { arbitrary: passes, weight: 3 },
  );
  return fc.commands(
    [
      readerConnects,
      writerConnects,
      emits,
      emits,
      emits,
      publishes,
      publishes,
      moves,
      moves,
    ].concat(fc.constant(fixed.whisper), rare),
    { maxCommands: size, size: "max" },
  );
}
