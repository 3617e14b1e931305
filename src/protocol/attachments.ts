/**
 * Binary arguments: in a packet's JSON a placeholder stands for each, and the bytes follow as
 * attachments. Source: Socket.IO protocol, revision 5, "Packet encoding".
 */

/** The binary arguments of an event or an ack, in the order in which its text counts them. */
export type Attachments = readonly Uint8Array[];

/** What most packets have. */
export const NO_ATTACHMENTS: Attachments = [];

/** A packet has at most so many, as in the reference parser. */
export const MAX_ATTACHMENTS = 10;

type Placeholder = { readonly _placeholder: true; readonly num: unknown };

/**
 * Does every placeholder in `args` stand for one of `count` attachments, and is none of them unused?
 * One attachment may stand in several places.
 */
export function placeholdersFit(args: readonly unknown[], count: number): boolean {
  const used = new Set<unknown>();
  // A list instead of a recursion: nesting can't overflow it.
  const rest: unknown[] = [args];
  while (rest.length > 0) {
    const value = rest.pop();
    if (isPlaceholder(value)) {
      const { num } = value;
      if (!Number.isInteger(num) || Number(num) < 0 || Number(num) >= count) return false;
      used.add(num);
    } else if (typeof value === "object" && value !== null) {
      for (const inner of Object.values(value)) rest.push(inner);
    }
  }
  return used.size === count;
}

/**
 * Puts copies of the attachments where their placeholders are: what becomes of `args` changes
 * nothing that is still to be logged and sent. `args` is at most `MAX_DEPTH` levels deep.
 */
export function fillIn<T>(args: T, attachments: Attachments): T;
export function fillIn(args: unknown, attachments: Attachments): unknown {
  if (attachments.length === 0) return args;
  const copies = attachments.map((bytes) => new Uint8Array(bytes));
  const fill = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (isPlaceholder(value)) return copies[Number(value.num)];
    if (Array.isArray(value)) return value.map(fill);
    return mapMembers(value, fill);
  };
  return fill(args);
}

/**
 * Takes copies of the binary values (ArrayBuffers and views, nested) out of `args`, and puts
 * placeholders in their places. One value that stands in several places is one attachment.
 * @throws RangeError if there are too many, TypeError if anything else looks like a placeholder:
 *   readers could not take either
 */
export function takeOut(args: readonly unknown[]): {
  readonly args: readonly unknown[];
  readonly attachments: Attachments;
} {
  const attachments: Uint8Array[] = [];
  const numbers = new Map<unknown, number>();
  let lookalike = false;
  /** @param isJson is it what a `toJSON` gave? */
  const replace = (value: unknown, isJson = false): unknown => {
    if (typeof value !== "object" || value === null) return value;
    const bytes = asBytes(value);
    if (bytes !== undefined) {
      const num = numbers.get(value) ?? attachments.length;
      if (num === MAX_ATTACHMENTS) throw new RangeError(`more than ${MAX_ATTACHMENTS} attachments`);
      if (num === attachments.length) attachments.push(new Uint8Array(bytes));
      numbers.set(value, num);
      return { _placeholder: true, num };
    }
    lookalike ||= isPlaceholder(value);
    if (Array.isArray(value)) return value.map((item) => replace(item));
    if (!isJson && hasToJson(value)) return replace(value.toJSON(), true);
    return mapMembers(value, (member) => replace(member));
  };
  const replaced = args.map((arg) => replace(arg));
  if (attachments.length === 0) return { args, attachments: NO_ATTACHMENTS };
  if (lookalike) throw new TypeError("beside binary, no argument may have _placeholder: true");
  return { args: replaced, attachments };
}

/** Bytes of all attachments together. */
export function sizeOf(attachments: Attachments): number {
  return attachments.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

/** Are these the same bytes? */
export function sameAttachments(a: Attachments, b: Attachments): boolean {
  return (
    a.length === b.length &&
    a.every((bytes, i) => {
      const other = b[i];
      return bytes.length === other?.length && bytes.every((byte, at) => byte === other[at]);
    })
  );
}

function isPlaceholder(value: unknown): value is Placeholder {
  return (
    typeof value === "object" &&
    value !== null &&
    "_placeholder" in value &&
    value._placeholder === true
  );
}

function asBytes(value: object): Uint8Array | undefined {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value)) return undefined;
  return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
}

function hasToJson(value: object): value is { toJSON(): unknown } {
  return "toJSON" in value && typeof value.toJSON === "function";
}

/** The object's own members, each as `map` makes it. */
function mapMembers(value: object, map: (member: unknown) => unknown): object {
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, map(member)]));
}
