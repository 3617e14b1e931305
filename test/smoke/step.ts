// The event of all scenarios: the n-th step of one publisher.

export type Step = { readonly from: string; readonly n: number };

/** A step and the offset with which it came. */
export type LoggedStep = { readonly step: Step; readonly offset: string };

export function isStep(value: unknown): value is Step {
  if (typeof value !== "object" || value === null) return false;
  return (
    "from" in value &&
    typeof value.from === "string" &&
    "n" in value &&
    typeof value.n === "number" &&
    Object.keys(value).length === 2
  );
}

/** Splits what the contract calls an offset of a logged event. */
export function parseOffset(value: unknown): { epoch: string; seq: number } | undefined {
  if (typeof value !== "string") return undefined;
  const [, epoch, seq] = /^([a-z0-9]+)-([0-9]+)$/.exec(value) ?? [];
  return epoch === undefined ? undefined : { epoch, seq: Number(seq) };
}

export function show({ from, n }: Step): string {
  return `${from}#${n}`;
}

export function showLogged(logged: LoggedStep | undefined): string {
  return logged === undefined ? "nothing" : `${show(logged.step)} at ${logged.offset}`;
}
