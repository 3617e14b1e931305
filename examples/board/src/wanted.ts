/** What clients may ask for. Nothing that they send is used before it was checked here. */
import * as v from "valibot";
import { LIMITS } from "./events.ts";
import { Refused } from "./refused.ts";

const { board, note } = LIMITS;

function whole(what: string, highest: number) {
  const message = `${what} has to be a whole number from 0 to ${highest}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(0, message),
    v.maxValue(highest, message),
  );
}

function text(what: string, longest: number, shortest = 0) {
  return v.pipe(
    v.string(`${what} has to be a string`),
    v.minLength(shortest, `${what} is too short`),
    v.maxLength(longest, `${what} may have ${longest} characters`),
    // Half a surrogate pair would come back from the table as another character than from the log.
    v.check((value) => value.isWellFormed(), `${what} has to be well-formed Unicode`),
  );
}

const name = v.pipe(text("a name", LIMITS.name), v.trim(), v.minLength(1, "a name is needed"));
const id = v.pipe(
  v.string("id has to be a string"),
  v.regex(/^[\w-]{8,64}$/, "id has to be 8 to 64 characters of A-Z a-z 0-9 _ -"),
);
const base = text("base", 128, 1);
const place = {
  x: whole("x", board.width - note.width),
  y: whole("y", board.height - note.height),
};
const words = text("text", LIMITS.text);
const colour = v.picklist(LIMITS.colours, `colour has to be one of ${LIMITS.colours.join(", ")}`);

/** An object with exactly these members. */
function exactly<T extends v.ObjectEntries>(entries: T) {
  return v.strictObject(entries, `expected { ${Object.keys(entries).join(", ")} }`);
}

export const Hello = exactly({ notes: v.boolean("notes has to be true or false") });
export const Named = v.object({ name }, "a name is needed");
export const Create = exactly({ id, ...place, text: words, colour });
export const Move = exactly({ id, base, ...place });
export const Edit = v.pipe(
  exactly({ id, base, text: v.optional(words), colour: v.optional(colour) }),
  v.check(({ text, colour }) => (text ?? colour) !== undefined, "text or colour is needed"),
);
export const Stack = exactly({
  id,
  base,
  to: v.picklist(["front", "back"], "to has to be front or back"),
});
export const Delete = exactly({ id, base });
export const OfNote = exactly({ id });
export const Cursor = exactly({
  x: whole("x", board.width),
  y: whole("y", board.height),
});
export const Drag = exactly({ id, ...place });

/**
 * @param args of an event that takes one
 * @throws Refused
 */
export function read<S extends v.GenericSchema>(
  schema: S,
  args: readonly unknown[],
): v.InferOutput<S> {
  if (args.length !== 1) throw new Refused("invalid", "one argument is needed");
  const result = v.safeParse(schema, args[0]);
  if (!result.success) throw new Refused("invalid", result.issues[0].message);
  return result.output;
}
