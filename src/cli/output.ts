/** What a command prints: results on stdout, all else on stderr. */

/**
 * Prints a line of the result, and waits until whoever reads has room for it.
 * @throws the signal's reason, if that comes first; what is left of the line is then lost
 */
export async function print(line: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    process.stdout.write(`${line}\n`, (error) => {
      signal.removeEventListener("abort", stop);
      // What goes wrong is `endWithReader`'s.
      if (!error) resolve();
    });
  });
}

/** Tells the person in front of it. */
export function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

/** Who reads may stop at any time, as `head` does: that is no failure. */
export function endWithReader(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

/** Columns as wide as their widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join("  ")
      .trimEnd();
  return rows.map(line).join("\n");
}

/**
 * Text from a room, safe for a terminal: what could steer it is shown as an escape, as JSON would.
 */
export function harmless(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
