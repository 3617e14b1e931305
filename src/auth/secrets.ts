/** The secrets of `JWT_SECRET` (AUTH-1): one, or several while a new one takes over. */
import * as v from "valibot";

/** RFC 7518 §3.2: a key as long as the hash, at least. */
const SECRET_BYTES = 32;

export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** For messages: how the variable has to be. */
export const SECRETS_FORM = `1 to 8 secrets of at least ${SECRET_BYTES} bytes each, separated by white space or as a JSON array`;

/** Reads them from the variable's text. The first is the one to sign with. */
export const Secrets = v.pipe(
  v.string(),
  v.rawTransform<string, unknown>(({ dataset, addIssue, NEVER }) => {
    if (!dataset.value.trimStart().startsWith("[")) return dataset.value.trim().split(/\s+/);
    try {
      return JSON.parse(dataset.value);
    } catch {
      addIssue();
      return NEVER;
    }
  }),
  v.array(
    v.pipe(
      v.string(),
      v.check((secret) => bytesOf(secret).length >= SECRET_BYTES),
    ),
  ),
  v.minLength(1),
  v.maxLength(8),
);
