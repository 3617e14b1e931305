/** Durations as people write them: `90`, `"15m"`. */

const SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 };

const DURATION = /^(\d{1,9})([smhd])$/;

/**
 * Whole seconds of a number of seconds, or of a text such as `30s`, `15m`, `1h`, `7d`.
 * @returns undefined if it is neither, or no time at all
 */
export function readSeconds(duration: unknown): number | undefined {
  if (typeof duration === "number") {
    return Number.isFinite(duration) && duration >= 1 ? Math.floor(duration) : undefined;
  }
  const [, count, unit] = DURATION.exec(String(duration)) ?? [];
  if (count === undefined || !isUnit(unit)) return undefined;
  return Number(count) * SECONDS[unit] || undefined;
}

function isUnit(unit: string | undefined): unit is keyof typeof SECONDS {
  return unit !== undefined && Object.hasOwn(SECONDS, unit);
}
