/** A key set that is fetched, and kept for a while (AUTH-9). */
import { describeError, writeLine } from "../telemetry/line.ts";
import { Jwks, type PublicAlgorithm, type VerifyKey } from "./jwks.ts";

/** Milliseconds for which a set is used without asking again. */
const FRESH = 10 * 60_000;

/** … and for which it is used while it can't be fetched. */
const USABLE = 60 * 60_000;

/** Milliseconds between two fetches, whatever asks for them, and after one that failed. */
const COOLDOWN = 30_000;
const COOLDOWN_FAILED = 5_000;

/** Milliseconds that a fetch may take. */
const TIMEOUT = 5_000;

/** … and after which whoever needs a key asks as well: who asked first may be gone. */
const PATIENCE = 1_000;

/** Milliseconds between two looks at whether another's fetch has ended. */
const LOOK = 50;

/** Characters that a set may have. */
const MAX_SIZE = 256 * 1_024;

/** What came is not what should have. */
class Unusable extends Error {}

/** What is known of a set. */
type Known = {
  set: Jwks | undefined;
  /** When it was fetched. */
  at: number;
  /** When that was last tried, and whether it failed. */
  triedAt: number;
  failed: boolean;
  /** When the newest fetch began that may not have ended yet. */
  askedAt: number;
};

/** By address and algorithm; for as long as the isolate lives, so that not every room that wakes up asks. */
const sets = new Map<string, Known>();

/** Where the key set comes from. */
export type RemoteSource = {
  readonly url: string;
  readonly algorithm: PublicAlgorithm;
  /** Milliseconds since 1970. */
  now(): number;
};

export class RemoteJwks {
  readonly #source: RemoteSource;
  readonly #known: Known;

  constructor(source: RemoteSource) {
    this.#source = source;
    const name = `${source.algorithm} ${source.url}`;
    const nothing = { set: undefined, at: 0, triedAt: 0, failed: false, askedAt: 0 };
    this.#known = sets.get(name) ?? nothing;
    sets.set(name, this.#known);
  }

  /** The key of this id, undefined if there is none; `unavailable` if that can't be known now. */
  async find(kid: string | undefined): Promise<VerifyKey | undefined | "unavailable"> {
    const known = await this.#usable(kid);
    // While it is being fetched anew, what is known will do.
    if (known !== undefined && (this.#isYounger(FRESH) || this.#isAsked())) return known;
    await this.#refresh();
    const { failed, set } = this.#known;
    // Is there no such key, or is it only not known of?
    const none = failed || set === undefined ? "unavailable" : undefined;
    return (await this.#usable(kid)) ?? none;
  }

  async #usable(kid: string | undefined): Promise<VerifyKey | undefined> {
    return this.#isYounger(USABLE) ? await this.#known.set?.find(kid) : undefined;
  }

  #isYounger(age: number): boolean {
    return this.#source.now() - this.#known.at < age;
  }

  #isAsked(): boolean {
    return this.#source.now() - this.#known.askedAt < PATIENCE;
  }

  /**
   * Fetches the set, unless that was done lately. Who comes meanwhile looks, by a timer of its own,
   * whether that has ended: what a request of a Worker has begun may end with it, and its promises are
   * then never settled.
   */
  async #refresh(): Promise<void> {
    while (this.#isAsked()) await new Promise((resolve) => setTimeout(resolve, LOOK));
    const { triedAt, failed } = this.#known;
    const cooldown = failed ? COOLDOWN_FAILED : COOLDOWN;
    if (this.#source.now() - triedAt >= cooldown) await this.#fetch();
  }

  async #fetch(): Promise<void> {
    const { url, algorithm, now } = this.#source;
    const known = this.#known;
    const began = now();
    known.askedAt = began;
    try {
      const set = Jwks.read(JSON.parse(await download(url)), algorithm);
      if (set === undefined) throw new Unusable("no key set");
      Object.assign(known, { set, at: now(), triedAt: now(), failed: false });
    } catch (error) {
      // Another one may have come through meanwhile.
      Object.assign(known, { triedAt: now(), failed: known.at < began });
      const why = error instanceof Unusable ? { why: error.message } : describeError(error);
      writeLine({ level: "error", event: "jwks_failed", ...why });
    }
    known.askedAt = 0;
  }
}

/** @throws whatever goes wrong: the address is the operator's, and a redirect is not followed */
async function download(url: string): Promise<string> {
  const response = await fetch(url, {
    headers: { accept: "application/jwk-set+json, application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Unusable(`status ${response.status}`);
  }
  let text = "";
  const decoded = response.body?.pipeThrough(new TextDecoderStream());
  for await (const chunk of (decoded ?? []) as AsyncIterable<string>) {
    text += chunk;
    if (text.length > MAX_SIZE) throw new Unusable("too large");
  }
  return text;
}
