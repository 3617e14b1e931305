/** How far an export or import is, on stderr: a bar for a person, lines for a file. */
import type { WriteStream } from "node:tty";

export type Done = {
  readonly events: number;
  /** 0 to 1; undefined where nobody knows the end. */
  readonly fraction: number | undefined;
};

/** Milliseconds between two looks, of a person or of a file's reader. */
const TERMINAL_PAUSE = 100;
const FILE_PAUSE = 5_000;

const BAR = 24;

export class Progress {
  readonly #stream: WriteStream;
  readonly #began = Date.now();
  #shown: number;

  constructor(stream: WriteStream = process.stderr) {
    this.#stream = stream;
    this.#shown = this.#began;
  }

  /** May be called as often as one likes. */
  update(done: Done): void {
    const now = Date.now();
    if (now - this.#shown < (this.#stream.isTTY ? TERMINAL_PAUSE : FILE_PAUSE)) return;
    this.#shown = now;
    const line = progressLine(done, now - this.#began, this.#stream.isTTY ? BAR : 0);
    this.#stream.write(this.#stream.isTTY ? `\r\x1b[K${line}` : `${line}\n`);
  }

  /** Takes the bar away, for what is printed next. */
  end(): void {
    if (this.#stream.isTTY) this.#stream.write("\r\x1b[K");
  }
}

/**
 * @param milliseconds since it began
 * @param bar width of a bar; 0 for none
 */
export function progressLine(
  { events, fraction }: Done,
  milliseconds: number,
  bar: number,
): string {
  const rate = milliseconds > 0 ? Math.round((events / milliseconds) * 1_000) : 0;
  const count = `${events} events, ${rate}/s`;
  if (fraction === undefined) return count;
  const share = Math.min(1, Math.max(0, fraction));
  const full = Math.floor(share * bar);
  const drawn = bar === 0 ? "" : `[${"#".repeat(full)}${"-".repeat(bar - full)}] `;
  const left = share > 0 ? `, ${duration((milliseconds / share) * (1 - share))} left` : "";
  return `${drawn}${Math.floor(share * 100)} %, ${count}${left}`;
}

function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1_000);
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, "0")}`;
}
