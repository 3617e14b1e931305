/** Idempotency keys that tell when they were made. */

/** UUID version 7: 48 bits of milliseconds in front. https://www.rfc-editor.org/rfc/rfc9562#section-5.7 */
const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

/** ULID: ten characters of milliseconds in front. https://github.com/ulid/spec */
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/;
const ULID_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Before this (2015), and from this on (2100), it is no time but another's 26 characters. */
const EARLIEST = 1_420_070_400_000;
const LATEST = 4_102_444_800_000;

/** So much may the clock that made a key be behind, in milliseconds. */
export const KEY_SKEW = 5 * 60 * 1_000;

/** @returns milliseconds since 1970; undefined if the key does not say */
export function timeOfKey(key: string): number | undefined {
  const [, high, low] = UUID_V7.exec(key) ?? [];
  if (high !== undefined && low !== undefined) return plausible(Number.parseInt(high + low, 16));
  if (!ULID.test(key)) return undefined;
  let time = 0;
  for (const digit of key.slice(0, 10)) time = time * 32 + ULID_DIGITS.indexOf(digit);
  return plausible(time);
}

function plausible(time: number): number | undefined {
  return time >= EARLIEST && time < LATEST ? time : undefined;
}
