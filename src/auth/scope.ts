/** The rights that claims can carry. */
import * as v from "valibot";

export const Scope = v.picklist(["read", "write", "presence", "admin"]);

export type Scope = v.InferOutput<typeof Scope>;
