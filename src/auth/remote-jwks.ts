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
};

/** By address and algorithm; for as long as the isolate lives, so that not every room that wakes up asks. */
const sets = new Map<string, Known>();

/** Where the key set comes from. */
export type RemoteSource = {
  readonly url: string;
  readonly algorithm: PublicAlgorithm;
  /** Milliseconds since 1970. */
  now(): number;
  /**
   * May one caller wait for another's fetch? Those of one object may; in the Worker each request
   * does its own, as a promise of another request's may never be settled.
   */
  readonly joint: boolean;
};

export class RemoteJwks {
  readonly #source: RemoteSource;
  readonly #known: Known;
  #loading: Promise<void> | undefined;

  constructor(source: RemoteSource) {
    this.#source = source;
    const name = `${source.algorithm} ${source.url}`;
    const nothing = { set: undefined, at: 0, triedAt: 0, failed: false };
    this.#known = sets.get(name) ?? nothing;
    sets.set(name, this.#known);
  }

  /** The key of this id, undefined if there is none; `unavailable` if that can't be known now. */
  async find(kid: string | undefined): Promise<VerifyKey | undefined | "unavailable"> {
    const { now } = this.#source;
    const known = this.#known;
    const key = this.#isYounger(FRESH) ? await known.set?.find(kid) : undefined;
    if (key !== undefined) return key;
    const cooldown = known.failed ? COOLDOWN_FAILED : COOLDOWN;
    await (this.#loading ?? (now() - known.triedAt >= cooldown ? this.#load() : undefined));
    const found = this.#isYounger(USABLE) ? await known.set?.find(kid) : undefined;
    // Is there no such key, or is it only not known of?
    return found ?? (known.failed || known.set === undefined ? "unavailable" : undefined);
  }

  #isYounger(age: number): boolean {
    return this.#source.now() - this.#known.at < age;
  }

  #load(): Promise<void> {
    const loading = this.#fetch().finally(() => {
      this.#loading = undefined;
    });
    if (this.#source.joint) this.#loading = loading;
    return loading;
  }

  async #fetch(): Promise<void> {
    const { url, algorithm, now } = this.#source;
    const known = this.#known;
    // Before there is a set, requests side by side each ask for it.
    if (known.set !== undefined) known.triedAt = now();
    try {
      const set = Jwks.read(JSON.parse(await download(url)), algorithm);
      if (set === undefined) throw new Unusable("no key set");
      Object.assign(known, { set, at: now(), triedAt: now(), failed: false });
    } catch (error) {
      Object.assign(known, { triedAt: now(), failed: true });
      const why = error instanceof Unusable ? { why: error.message } : describeError(error);
      writeLine({ level: "error", event: "jwks_failed", ...why });
    }
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
