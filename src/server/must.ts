/** For callers whose arguments no compiler has checked. */

/** @throws TypeError with these words */
export function must(holds: boolean, words: string): asserts holds {
  if (!holds) throw new TypeError(words);
}

export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** What a value has to be: is it, and in words. */
export type Kind = readonly [is: (value: unknown) => boolean, words: string];

/** The members that an object may have. Which of them it needs is asked elsewhere. */
export type Shape = Readonly<Record<string, Kind>>;

const isString = (value: unknown) => typeof value === "string";
const isSignal = (value: unknown) => isObject(value) && "throwIfAborted" in value;

export const ANYTHING: Kind = [() => true, "anything"];
export const STRING: Kind = [isString, "a string"];
export const STRINGS: Kind = [isList(isString), "a list of strings"];
export const STRING_OR_STRINGS: Kind = [
  (value) => isString(value) || isList(isString)(value),
  "a string or a list of strings",
];
export const LIST: Kind = [Array.isArray, "a list"];
export const BOOLEAN: Kind = [(value) => typeof value === "boolean", "true or false"];
export const FUNCTION: Kind = [(value) => typeof value === "function", "a function"];
export const OFFSET: Kind = [isString, 'an offset, such as "sdw8wvba-42" or "0"'];
export const SIGNAL: Kind = [isSignal, "an AbortSignal"];

/**
 * Is `value` an object of no other members than these, each of its kind? Those that are undefined
 * are not there.
 * @param name what the caller calls it
 * @throws TypeError that says what it takes, and holds no value
 */
export function mustBe(shape: Shape, value: unknown, name: string): void {
  const takes = `{ ${Object.keys(shape).join(", ")} }`;
  // Another kind of object, such as a signal in place of its options, has none of them.
  const isPlain = Object.prototype.toString.call(value) === "[object Object]";
  must(isPlain && isObject(value), `${name} has to be ${takes}`);
  for (const [member, held] of Object.entries(value)) {
    const kind = Object.hasOwn(shape, member) ? shape[member] : undefined;
    must(kind !== undefined, `${name} has no ${member}: it is ${takes}`);
    const [is, words] = kind;
    must(held === undefined || is(held), `${member} has to be ${words}`);
  }
}

function isList(isItem: (item: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(isItem);
}
