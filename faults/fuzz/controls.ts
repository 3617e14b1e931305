// Does the fuzzer find what it looks for? Plants bugs, one at a time, into copies of the project,
// and fuzzes those: each must be found. `npm run fuzz:controls -- [name …]`
import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { type Edit, plantedCopy } from "../planted.ts";

type Control = { readonly name: string; readonly finds: string; readonly edits: readonly Edit[] };

const CONTROLS: readonly Control[] = [
  {
    name: "a packet that is none throws",
    finds: "reported: Error: parse error",
    edits: [
      [
        "session/session.ts",
        '      case "invalid":\n        return this.end("parse error", CLOSE_CODES.protocolError);',
        '      case "invalid":\n        throw new Error("parse error");',
      ],
    ],
  },
  {
    name: "text is logged as it would be written anew",
    finds: "logged what nobody sent",
    edits: [
      [
        "room/emit.ts",
        "return { data, key: null, after: null };",
        "return { data: JSON.stringify(args), key: null, after: null };",
      ],
    ],
  },
  {
    name: "a held GET is forgotten when the transport is upgraded",
    finds: "a GET without an answer",
    edits: [["session/polling.ts", "    this.#parked?.(ENGINE_ERRORS.badRequest);\n", ""]],
  },
  {
    name: "an ended session is kept",
    finds: "sessions are left",
    edits: [["session/sessions.ts", "    this.#bySid.delete(session.sid);\n", ""]],
  },
  {
    name: "anybody may emit Roomlog's own events",
    finds: "logged an event called roomlog:",
    edits: [["room/emit.ts", 'name.startsWith("roomlog:")', 'name === "roomlog:"']],
  },
  {
    name: "nesting is not looked at",
    finds: "logged what is nested too deep",
    edits: [["protocol/json-text.ts", "if (++depth > MAX_DEPTH) return true;", "depth++;"]],
  },
  {
    name: "a query that is no number is used",
    finds: ": 50",
    edits: [
      ["http/history-query.ts", '/^\\d+(e\\d)?$/, "has to be a number from 1"', '/^/, "any"'],
      ["http/history-query.ts", 'v.minValue(1, "has to be a number from 1"),', ""],
    ],
  },
  {
    name: "the object does not ask who wipes it",
    finds: "changed by who may not",
    edits: [
      [
        "room/beginning.ts",
        'return ifAllowed(room, name, claims, "admin", () => {',
        'return ifAllowed(room, name, { ...claims, scope: ["admin"], rooms: ["*"] }, "admin", () => {',
      ],
    ],
  },
  {
    name: "the object does not ask who sets something",
    finds: "changed by who may not",
    edits: [
      [
        "room/info.ts",
        'return ifAllowed(room, name, claims, "admin", () => {\n    room.configure(patch);',
        'return ifAllowed(room, name, { ...claims, scope: ["admin"], rooms: ["*"] }, "admin", () => {\n    room.configure(patch);',
      ],
    ],
  },
  {
    name: "the Worker lets everybody who reads ask the object",
    finds: "was called for who may not",
    edits: [["http/room-routes.ts", ".access, scope, name)", '.access, "read", name)']],
  },
  {
    name: "a token that has run out is good until the alarm rings",
    finds: "logged what its sender may not write",
    edits: [
      ["room/core.ts", "if (!isExpired(claims, this.#ports.now())) return false;", "return false;"],
    ],
  },
  {
    name: "a token that has run out is taken",
    finds: "may not",
    edits: [["auth/token-claims.ts", 'if (exp <= now) return { kind: "expired" };', ""]],
  },
  {
    name: "a renewal makes one somebody else",
    finds: "may not",
    edits: [["room/renew.ts", "|| claims.identity === socket.claims.identity", "|| true"]],
  },
  {
    name: "a refusal quotes the key",
    finds: "tells a secret",
    edits: [
      [
        "http/authorise.ts",
        "  throw forbidden(scope);",
        '  throw new RelayError("forbidden", String(token));',
      ],
    ],
  },
  {
    name: "a new epoch is told to nobody",
    finds: "the healthy client",
    edits: [["room/core.ts", "restart(socket, this.log, epoch, this.#ports.counters);", "{}"]],
  },
];

const only = process.argv.slice(2);
const controls = CONTROLS.filter(({ name }) => only.length === 0 || only.includes(name));
let caught = 0;
for (const { name, finds, edits } of controls) {
  const copy = plantedCopy(edits);
  const args = ["faults/fuzz/main.ts", "--inputs", "30000", "--seed", "1"];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8" });
  rmSync(copy, { recursive: true, force: true });
  const found = stdout.includes(finds);
  if (found) caught++;
  else console.log(`${stdout}${stderr}`.slice(-2_000));
  const inputs = /([\d]+) inputs in/.exec(
    stdout.split("\n").findLast((line) => line.includes("inputs in")) ?? "",
  );
  console.log(`${found ? `found after ${inputs?.[1]} inputs` : "NOT FOUND"}: ${name}`);
}
console.log(`found ${caught}/${controls.length}`);
process.exit(caught === controls.length ? 0 : 1);
