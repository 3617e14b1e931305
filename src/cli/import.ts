/** `roomlog import`: the lines of an export, logged in a room. */
import { createReadStream, statSync } from "node:fs";
import { addAbortSignal } from "node:stream";
import { RelayRequestError } from "../server.ts";
import { exactly, readArguments } from "./arguments.ts";
import { batches, type Line } from "./batches.ts";
import { type Command, relayHelp } from "./command.ts";
import { print, tell } from "./output.ts";
import { Progress } from "./progress.ts";
import { RELAY_OPTIONS, relayOf } from "./relay.ts";

/** Bytes that are read at a time: some batches. */
const CHUNK = 1_000_000;

export const importRoom: Command = {
  summary: "log the events of an export in a room",
  help: `
Publishes the events of an export in a room, in their order. They get new offsets and times. To
import a file again, after a break or by mistake, does no harm: what is there already is not logged
again.

  roomlog import <room> room.ndjson

  -                 instead of a file: stdin${relayHelp(20)}`,
  async run(args, context) {
    const { values, positionals } = readArguments(args, RELAY_OPTIONS);
    const [room, file] = exactly(positionals, "room", "file");
    const { signal } = context;
    const relay = relayOf(values, context);
    const size = file === "-" ? undefined : statSync(file).size;
    const input = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: CHUNK });
    const progress = new Progress();
    let bytes = 0;
    let events = 0;
    let imported = 0;
    /** What is being sent, and the line behind it. */
    let sent: readonly Line[] = [];
    let next = 1;
    try {
      for await (const lines of batches(addAbortSignal(signal, input))) {
        sent = lines;
        next = (lines.at(-1)?.number ?? 0) + 1;
        const texts = lines.map(({ text }) => text);
        const done = await relay.importLines(room, texts, { signal });
        sent = [];
        imported += done.imported;
        events += lines.length;
        for (const text of texts) bytes += Buffer.byteLength(text) + 1;
        progress.update({ events, fraction: size === undefined ? undefined : bytes / size });
      }
    } catch (error) {
      progress.end();
      // The relay counts the lines of a request, and blank ones were not sent.
      const { line = 1, ...done } = error instanceof RelayRequestError ? error.extra : {};
      const fresh = imported + Number(done.imported ?? 0);
      const { number } = sent[Number(line) - 1] ?? { number: next };
      tell(`stopped at line ${number} of the input; ${fresh} events were imported`);
      throw error;
    }
    progress.end();
    await print(`imported: ${imported}, there already: ${events - imported}`, signal);
  },
};
