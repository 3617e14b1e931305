/** Which of several forms of an answer a request's `Accept` asks for. */

/**
 * @param accept the header; null or without any of `offered` means the first of these
 * @returns of the offered types the one that the header names first
 */
export function mediaTypeFor(
  accept: string | undefined,
  offered: readonly [string, ...string[]],
): string {
  const named = (accept ?? "").split(",").map((range) => range.split(";")[0]?.trim().toLowerCase());
  return named.find((type) => type !== undefined && offered.includes(type)) ?? offered[0];
}
