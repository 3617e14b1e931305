// What a scenario is: it drives a running relay, and throws a Violation if a promise is broken.

/** What was done and measured, for people to read. */
export type Figures = Readonly<Record<string, number | string>>;

export type Scenario = {
  readonly name: string;
  /** The contract's rules that it holds the relay to, and what they come to. */
  readonly rules: string;
  readonly promise: string;
  /**
   * @param relay the relay's address, without a slash at its end
   * @param seed what is random can be had again with it
   */
  run(relay: string, seed: number): Promise<Figures>;
};

/** A room that nobody has used. */
export function freshRoom(scenario: string): string {
  return `smoke-${scenario}-${crypto.randomUUID()}`;
}

/** For figures: since `start`, of `performance.now()`. */
export function secondsSince(start: number): number {
  return Math.round((performance.now() - start) / 100) / 10;
}
