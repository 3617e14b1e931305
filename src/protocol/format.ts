/** The two forms in which a connection gets and sends events (SUB-1, SUB-2). */

/** `(...args, offset)`, or one object with the offset as its `id`. */
export const FORMATS = ["args", "envelope"] as const;

export type Format = (typeof FORMATS)[number];

export function isFormat(value: unknown): value is Format {
  return FORMATS.some((format) => format === value);
}
