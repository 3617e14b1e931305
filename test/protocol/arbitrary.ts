/** What fast-check makes packets of. */
import fc from "fast-check";

/** Text of any UTF-16 code units, lone surrogates among them. */
export const anyText = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)),
});

const SIGNIFICANT = [...'0123456789-/,[]{}":. \\aetn+b', '"_placeholder"', '"num"', "true"];

/** Text of what means something in a packet. */
export const packetLikeText = fc.string({
  unit: fc.constantFrom(...SIGNIFICANT),
  maxLength: 40,
});

export const anyBytes = fc.uint8Array({ maxLength: 40 });

/** The same bytes in one of the forms that binary has in JavaScript. */
const anyBinary = fc
  .tuple(anyBytes, fc.nat({ max: 4 }))
  .map(([bytes, form]): ArrayBuffer | ArrayBufferView => {
    // In the middle of a larger buffer, as Node's own are.
    const padded = new Uint8Array([9, 9, ...bytes, 9]);
    const middle = padded.subarray(2, 2 + bytes.length);
    switch (form) {
      case 0:
        return new Uint8Array(bytes).buffer;
      case 1:
        return new DataView(padded.buffer, 2, bytes.length);
      case 2:
        return Buffer.from(bytes);
      case 3:
        return new Uint16Array(bytes);
      default:
        return middle;
    }
  });

const anyScalar = fc.oneof(
  fc.string(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.boolean(),
  fc.constant(null),
);

/** The official encoder loses `__proto__` beside binary. */
export const anyKey = fc
  .oneof(fc.string(), fc.constantFrom("num", "toString", "length", "constructor", "toJSON"))
  .filter((key) => key !== "__proto__");

/** A value that JSON can say, but for the binary in it. Written back, `-0` is `0`. */
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    anyScalar,
    anyBinary,
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(anyKey, tie("tree"), { maxKeys: 4 }),
  ),
}));

/** An event's or an ack's arguments, with at most ten binary values. */
export const anyArgs = fc
  .array(tree, { maxLength: 5 })
  .filter((args) => binariesIn(args).length <= 10);

/** The binary values in `value`, in the order of its members. */
export function binariesIn(value: unknown): Uint8Array[] {
  const found: Uint8Array[] = [];
  asReceived(value, found);
  return found;
}

/** `value` as its receiver has it: all binary is a Uint8Array, and `-0` is `0`. */
export function asReceived(value: unknown, found: Uint8Array[] = []): unknown {
  if (value === 0) return 0;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    const bytes = bytesOf(value);
    found.push(bytes);
    return bytes;
  }
  if (Array.isArray(value)) return value.map((item) => asReceived(item, found));
  const members = Object.entries(value).map(([key, member]) => [key, asReceived(member, found)]);
  return Object.fromEntries(members);
}

export function bytesOf(value: ArrayBuffer | ArrayBufferView): Uint8Array {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  const { buffer, byteOffset, byteLength } = value;
  return new Uint8Array(buffer.slice(byteOffset, byteOffset + byteLength));
}

export const anyNamespace = fc.constantFrom("/", "/orders", "/a.b:c~d");
export const anyAckId = fc.option(fc.nat({ max: 999_999_999_999_999 }), { nil: undefined });

/** An edit of text: what to put where, and how much of what stood there goes. */
export const anyEdit = fc.record({
  at: fc.nat({ max: 200 }),
  cut: fc.nat({ max: 3 }),
  put: fc.oneof({ weight: 3, arbitrary: fc.constantFrom("", ...SIGNIFICANT) }, anyText),
});

export function edited(text: string, edits: readonly { at: number; cut: number; put: string }[]) {
  return edits.reduce((before, { at, cut, put }) => {
    const start = at % (before.length + 1);
    return before.slice(0, start) + put + before.slice(start + cut);
  }, text);
}
