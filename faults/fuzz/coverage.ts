// Which parts of src/ have run, by V8's own block counters.
import { Session } from "node:inspector";
import { fileURLToPath } from "node:url";
import { root } from "../../scripts/install.mjs";

type Range = {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
};
type FunctionCoverage = { readonly ranges: readonly Range[] };
type ScriptCoverage = { readonly url: string; readonly functions: readonly FunctionCoverage[] };

const SRC = `${root}src/`;

export class Coverage {
  readonly #session = new Session();
  /** Of each function that ever ran: which of its characters did. */
  readonly #seen = new Map<string, Uint8Array>();
  /** Every block that V8 has told of: where it begins in its function. */
  readonly #blocks = new Map<string, Set<number>>();

  /** Counts what is loaded from now on. */
  constructor() {
    this.#session.connect();
    this.#session.post("Profiler.enable");
    this.#session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  }

  /** Has anything run since the last call that never ran before? */
  grew(): boolean {
    let grew = false;
    for (const { url, functions } of this.#take()) {
      for (const { ranges } of functions) grew = this.#add(url, ranges) || grew;
    }
    return grew;
  }

  /** Blocks that have run, of those that were told of: a function that never ran is one. */
  get figures(): { covered: number; blocks: number } {
    let covered = 0;
    let blocks = 0;
    for (const [name, starts] of this.#blocks) {
      blocks += starts.size;
      const seen = this.#seen.get(name);
      for (const start of starts) if (seen?.[start] === 1) covered++;
    }
    return { covered, blocks };
  }

  #take(): ScriptCoverage[] {
    let scripts: ScriptCoverage[] = [];
    // Answered before `post` returns.
    this.#session.post("Profiler.takePreciseCoverage", (error, taken) => {
      if (error !== null) throw error;
      scripts = taken.result;
    });
    return scripts.filter(
      ({ url }) => url.startsWith("file:") && fileURLToPath(url).startsWith(SRC),
    );
  }

  #add(url: string, ranges: readonly Range[]): boolean {
    const [whole] = ranges;
    if (whole === undefined) return false;
    const name = `${url}:${whole.startOffset}-${whole.endOffset}`;
    const starts = this.#blocks.get(name) ?? new Set([0]);
    this.#blocks.set(name, starts);
    if (whole.count === 0) return false;
    const ran = new Uint8Array(whole.endOffset - whole.startOffset);
    // An outer range comes before those inside it.
    for (const { startOffset, endOffset, count } of ranges) {
      const start = startOffset - whole.startOffset;
      starts.add(start);
      ran.fill(count > 0 ? 1 : 0, start, endOffset - whole.startOffset);
    }
    const seen = this.#seen.get(name);
    if (seen === undefined) {
      this.#seen.set(name, ran);
      return true;
    }
    let grew = false;
    for (let i = 0; i < ran.length; i++) {
      if (ran[i] === 1 && seen[i] === 0) {
        seen[i] = 1;
        grew = true;
      }
    }
    return grew;
  }
}
