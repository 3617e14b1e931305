// `npm run faults:controls`: plants faults into copies of the code, one each, and sees whether the
// crash harness and the model tests find them. A test that finds nothing proves nothing.
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { FINDINGS } from "./checker.ts";
import { type Edit, plantedCopy } from "./planted.ts";

type Control = { readonly name: string; readonly edits: readonly Edit[] };

const CONTROLS: readonly Control[] = [
  {
    name: "ack before commit",
    edits: [
      [
        "log/sqlite-log.ts",
        "    this.#sql.run(\n      rare.length > 0",
        "    const insert = (...all: Parameters<Sql['run']>) => setTimeout(() => this.#sql.run(...all), 5);\n    insert(\n      rare.length > 0",
      ],
    ],
  },
  {
    name: "keys only in memory",
    edits: [
      [
        "log/sqlite-log.ts",
        "const rows = this.#sql.all(NEWEST_KEYS, this.#capacity).reverse();",
        "const rows: SqlRow[] = [];",
      ],
    ],
  },
  {
    name: "seq from the clock",
    edits: [
      [
        "log/sqlite-log.ts",
        "const seq = this.#head + 1;",
        "const seq = Math.max(this.#head + 1, Math.floor(time / 10) - 170_000_000_000);",
      ],
    ],
  },
  {
    name: "await between the last page and live",
    edits: [
      [
        "room/turns.ts",
        '    if (socket.position.state === "live") members.replaying.delete(socket);',
        `    if (socket.position.state !== "live") return;
    members.replaying.delete(socket);
    socket.position = { state: "connecting", sent: socket.position.sent };
    this.#ports.soon(() => {
      socket.position = { state: "live", sent: this.#ports.log().head };
    });`,
      ],
    ],
  },
  {
    name: ">= for >",
    edits: [
      ["log/sqlite-log.ts", 'narrow("seq > ?", after)', 'narrow("seq >= ?", after)'],
      ["log/memory-log.ts", "seq > after && seq < before", "seq >= after && seq < before"],
      ["room/delivery.ts", "seq > socket.position.sent &&", "seq >= socket.position.sent &&"],
    ],
  },
  {
    name: "a future offset is up to date",
    edits: [
      [
        "log/offset.ts",
        'if (offset.seq > log.head) return "future";',
        "if (offset.seq > log.head) return log.head;",
      ],
    ],
  },
  {
    name: "trim from the middle",
    edits: [
      [
        "log/sqlite-log.ts",
        'this.#sql.run("DELETE FROM roomlog_events WHERE seq <= ?", last);',
        'this.#sql.run("DELETE FROM roomlog_events WHERE seq < ? AND seq > ?", this.#head, this.#head - 5);',
      ],
    ],
  },
  {
    name: "key without identity",
    edits: [
      [
        "log/keys.ts",
        'keyName({ identity, key }: Pick<Publication, "identity" | "key">): string {',
        'keyName({ key }: Pick<Publication, "identity" | "key">): string {\n  const identity = "";',
      ],
    ],
  },
  {
    name: "epoch made in the constructor",
    edits: [
      [
        "log/sqlite-log.ts",
        "this.#epoch = String(state.epoch);",
        "this.#epoch ||= this.#newEpoch();",
      ],
    ],
  },
  {
    name: "ephemeral events stored",
    edits: [
      [
        "room/publish.ts",
        "event.ephemeral || (!known && room.isEphemeral(event.name))",
        "event.name === ''",
      ],
      ["room/emits.ts", "const ephemeral = this.isEphemeral(args[0]);", "const ephemeral = false;"],
    ],
  },
  {
    name: "send before insert",
    edits: [
      [
        "room/core.ts",
        "    this.#commits.add(submission(events, ifHead, settle), size);",
        `    this.#early = Math.max(this.#early, this.log.head);
    const fresh = events.filter((event) => this.log.find(event) === undefined);
    const sent = fresh.map((event) => ({ ...event, seq: ++this.#early, time: this.#ports.now() }));
    fanOut(this.members.readers, sent, this.#offsetOf, this.#ports.counters);
    this.#commits.add(submission(events, ifHead, settle), size);`,
      ],
      [
        "room/core.ts",
        "  #log: EventLog | undefined;",
        "  #log: EventLog | undefined;\n  #early = 0;",
      ],
      ["room/core.ts", "import { type EphemeralEvent,", "import { type EphemeralEvent, fanOut,"],
    ],
  },
  {
    name: "no offset on ephemeral events",
    edits: [
      [
        "room/delivery.ts",
        "    const offset = offsetOf(position.sent);\n    const form",
        "    const offset = offsetOf.name === '' ? offsetOf(0) : undefined;\n    const form",
      ],
    ],
  },
  {
    name: "fan-out that ignores how far a socket was sent",
    edits: [
      ["room/delivery.ts", 'if (position.state !== "live") continue;', ""],
      ["room/delivery.ts", "|| first > position.sent + 1", ""],
      ["room/delivery.ts", "      seq > socket.position.sent &&\n", ""],
    ],
  },
];

/** What each kind of test is, as a command of the project. */
const TESTS = {
  harness: ["faults/main.ts", "--kills", "80", "--round", "20", "--seed", "1", "--first"],
  model: ["node_modules/vitest/vitest.mjs", "run", "test/model", "test/workerd/model"],
} as const;

/** How a failed test's output says what it missed. */
const FAILURES = ["Error: waited ", "Property failed"];

const only = process.argv.slice(2);
const caught = { harness: 0, model: 0, both: 0 };
const controls = CONTROLS.filter(({ name }) => only.length === 0 || only.includes(name));
for (const { name, edits } of controls) {
  const copy = plantedCopy(edits);
  console.log(name);
  const harness = fails(copy, "harness");
  const model = fails(copy, "model");
  rmSync(copy, { recursive: true, force: true });
  if (harness) caught.harness++;
  if (model) caught.model++;
  if (harness && model) caught.both++;
}
const all = controls.length;
console.log(
  `by the crash harness ${caught.harness}/${all}, by the model tests ${caught.model}/${all}`,
);
console.log(`caught ${caught.both}/${all}`);
process.exit(caught.both === all ? 0 : 1);

/** Does the test find something? What makes it fail otherwise is shown, and no catch. */
function fails(folder: string, test: keyof typeof TESTS): boolean {
  const { status, stdout, stderr } = spawnSync(process.execPath, TESTS[test], {
    cwd: folder,
    encoding: "utf8",
    timeout: 600_000,
    maxBuffer: 2 ** 28,
    env: { ...process.env, MODEL_SHRINK: "no" },
  });
  if (status === 0) {
    console.log(`  ${test}: NOTHING`);
    return false;
  }
  const output = `${stdout}${stderr}`;
  const signs = [...FINDINGS.map((kind) => `  ${kind}: `), ...FAILURES];
  const kinds = signs.filter((sign) => output.includes(sign)).map((sign) => sign.trim());
  console.log(
    `  ${test}: ${kinds.length > 0 ? kinds.join(" ") : `FAILED\n${output.slice(-2_000)}`}`,
  );
  return kinds.length > 0;
}
