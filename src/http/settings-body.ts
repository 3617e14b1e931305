/** What `PATCH /rooms/{room}` takes, checked (HTTP-13). */
import * as v from "valibot";
import { RelayError } from "../errors.ts";
import { FORMATS } from "../protocol/format.ts";
import { isNamespace } from "../protocol/names.ts";
import type { SettingsPatch } from "../settings.ts";
import { check, NO_NAMESPACE } from "./check.ts";
import { parseJson } from "./json-body.ts";

const DAY = 24 * 60 * 60 * 1_000;

/** A list has at most so many names, each of so many characters. */
const MAX_NAMES = 64;
const MAX_NAME = 128;

/** Null goes back to what holds for the deployment. */
function own<S extends v.GenericSchema>(schema: S) {
  return v.optional(v.nullable(schema));
}

function whole(from: number, to: number) {
  const message = `has to be a whole number from ${from} to ${to}`;
  return v.pipe(
    v.number(message),
    v.integer(message),
    v.minValue(from, message),
    v.maxValue(to, message),
  );
}

function names<S extends v.GenericSchema<string>>(name: S) {
  return v.pipe(
    v.array(name, "has to be a list of names"),
    v.maxLength(MAX_NAMES, `may have ${MAX_NAMES} names`),
  );
}

const Name = v.pipe(
  v.string("has to be a string"),
  v.nonEmpty("may not be empty"),
  v.maxLength(MAX_NAME, `may have ${MAX_NAME} characters`),
);

const DAYS = "has to be a number of days, from a second to 99999";

export const SettingsBody = v.strictObject(
  {
    keep: own(
      v.strictObject(
        {
          days: own(
            v.pipe(v.number(DAYS), v.minValue(1_000 / DAY, DAYS), v.maxValue(99_999, DAYS)),
          ),
          events: own(whole(1, 999_999_999)),
          bytes: own(whole(1, 9_500_000_000)),
        },
        "has to be { days?, events?, bytes? }",
      ),
    ),
    ephemeral: own(names(Name)),
    namespaces: own(
      names(
        v.pipe(
          v.string("has to be a string"),
          v.check((name: string) => name === "*" || isNamespace(name), NO_NAMESPACE),
        ),
      ),
    ),
    format: own(v.picklist(FORMATS, `has to be ${FORMATS.join(" or ")}`)),
    echo: own(v.boolean("has to be true or false")),
    replayLimit: own(whole(1, 999_999_999)),
  },
  "has to be an object of settings",
);

/** @throws RelayError `invalid_body` that names the member */
export function readSettingsBody(text: string): SettingsPatch {
  const body = parseJson(text);
  const { keep, ...others } = check(SettingsBody, body, "invalid_body");
  // For valibot a list is an object without members.
  if (Array.isArray(body)) throw new RelayError("invalid_body", "has to be an object of settings");
  if (!keep) return { ...others, ...(keep === null && { keep }) };
  const { days, ...more } = keep;
  return {
    ...others,
    keep: { ...more, ...(days !== undefined && { age: days && days * DAY }) },
  };
}
