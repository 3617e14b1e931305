// The keys and tokens of the fuzzer's relay: good ones, and some for each reason to be refused. What
// each allows is known here without asking the relay.
import { createHash, createHmac } from "node:crypto";
import type { AccessSettings, ApiKey, Authentication, VerifyToken } from "../../src/auth/access.ts";
import type { Scope } from "../../src/auth/scope.ts";
import { readTokenSettings } from "../../src/auth/token-settings.ts";
import type { Random } from "../../test/support/random.ts";

/** What may be done without any, as the setting of that name says it. */
export type Anonymous = "write" | "read" | "none";

const ANONYMOUS: { readonly [name in Anonymous]: readonly Scope[] } = {
  write: ["read", "write", "presence"],
  read: ["read"],
  none: [],
};

/** What its holder may do until it expires. */
export type Rights = {
  /** Undefined for whoever has no name of their own. */
  readonly identity: string | undefined;
  readonly scope: readonly Scope[];
  /** Names, or how they begin and `*`. */
  readonly rooms: readonly string[];
  readonly expiresAt: number;
};

const ALL = ["*"];

const KEYS: { readonly [id: string]: Pick<Rights, "scope" | "rooms"> } = {
  reader: { scope: ["read"], rooms: ALL },
  writer: { scope: ["write"], rooms: ALL },
  watcher: { scope: ["presence"], rooms: ALL },
  some: { scope: ["read", "write"], rooms: ["x", "lob*"] },
  admin: { scope: ["admin"], rooms: ALL },
  neighbour: { scope: ["admin"], rooms: ["hall", "lobb", "lobby.*"] },
  healthy: { scope: ["read"], rooms: ALL },
};

/** The healthy client's own key, which no input can name. */
const HEALTHY = "healthy";

const HOUR = 3_600;
/** No room is fuzzed for so many seconds. */
const AGES = 1e6 * HOUR;

const JWT_SECRET = "the fuzzer's own secret, for its tokens".replaceAll(" ", "-");

/** All payloads begin so: its length is a multiple of 3, so that all tokens show it. */
const MARK = '{"mark":"fuzz-token",';

/** Parts of keys, secrets and tokens: of these, nobody is ever told. */
const SECRETS = [JWT_SECRET, "k3y-of-the-fuzzer", base64url(MARK)];

/** Of secrets, those that are never sent to the relay. */
export const UNSENT = JWT_SECRET;

type Made = {
  readonly claims: {
    readonly sub: string;
    readonly room: string | readonly string[];
    readonly scope: string | readonly string[];
    /** Null: there is none. */
    readonly exp?: number | null;
    readonly nbf?: number;
  };
  readonly alg?: string;
  readonly secret?: string;
  readonly change?: (token: string) => string;
  /** It is refused, whatever its claims say. */
  readonly bad?: true;
};

const ANN = { sub: "ann", room: "lobby", scope: "read write presence" };
const BAD = { claims: ANN, bad: true } as const;

/** By name; an `exp` or `nbf` is in seconds from now. Who is called ann has a number as well. */
const TOKENS: { readonly [name: string]: Made } = {
  ann: { claims: ANN },
  bob: { claims: { sub: "bob", room: ["*"], scope: ["read", "write", "other"] } },
  boss: { claims: { ...ANN, scope: "admin" } },
  reads: { claims: { ...ANN, scope: "read" } },
  writes: { claims: { ...ANN, scope: "write" } },
  nothing: { claims: { ...ANN, scope: "other" } },
  soon: { claims: { ...ANN, exp: 2 } },
  later: { claims: { ...ANN, exp: 30 } },
  past: { claims: { ...ANN, exp: -1 } },
  pastboss: { claims: { ...ANN, scope: "admin", exp: -1 } },
  hall: { claims: { sub: "ann", room: ["hall", "lobb"], scope: "admin" } },
  early: { claims: { ...ANN, nbf: HOUR }, bad: true },
  endless: { claims: { ...ANN, exp: null }, bad: true },
  roomless: { claims: { ...ANN, room: "a/b" }, bad: true },
  none: { ...BAD, alg: "none", change: (token) => token.replace(/[^.]*$/, "") },
  other: { ...BAD, alg: "HS512" },
  stranger: { ...BAD, secret: "somebody-else's-secret-as-long-as-it-has-to-be" },
  cut: { ...BAD, change: (token) => token.slice(0, -9) },
  broken: {
    ...BAD,
    change: (token) => token.replace(/.(?=.{20}$)/, (c) => (c === "A" ? "B" : "A")),
  },
};

const NAMES = [
  ...Object.keys(KEYS)
    .filter((id) => id !== HEALTHY)
    .map((id) => `$KEY-${id}`),
  ...Object.keys(TOKENS).map((name) => `$TOKEN-${name}`),
];

/** Any of them, as an input names it. */
export function credential(random: Random): string {
  return NAMES[random.below(NAMES.length)] ?? "";
}

export class Credentials {
  readonly #now: () => number;
  readonly #anonymous: Anonymous;
  readonly #rights = new Map<string, Rights>();
  /** What never expires is made once. */
  readonly #lasting = new Map<string, string>();
  /** … and verified once. */
  readonly #same = new Set<string>();
  readonly #answers = new Map<string, Promise<Authentication>>();

  constructor(anonymous: Anonymous, now: () => number) {
    this.#now = now;
    this.#anonymous = anonymous;
    for (const [id, { scope, rooms }] of Object.entries(KEYS)) {
      const expiresAt = Number.POSITIVE_INFINITY;
      this.#rights.set(keyOf(id), { identity: `key:${id}`, scope, rooms, expiresAt });
    }
  }

  /** As the relay is set up for them. */
  get access(): AccessSettings {
    const tokens = readTokenSettings({ JWT_SECRET: [JWT_SECRET] }, { now: this.#now });
    if (typeof tokens !== "function") throw new Error("these settings make no verifier");
    const anonymous = ANONYMOUS[this.#anonymous];
    return { keys: API_KEYS, anonymous, tokens: (token) => this.#verified(token, tokens) };
  }

  /** What is always the same is verified once: it takes longer than all else of a CONNECT. */
  #verified(token: string, verify: VerifyToken): Promise<Authentication> {
    const known = this.#answers.get(token) ?? verify(token);
    if (this.#same.has(token)) this.#answers.set(token, known);
    return known;
  }

  get healthy(): string {
    return keyOf(HEALTHY);
  }

  /**
   * The text, with what is named in it.
   * @param who tells those apart who have tokens of the same name
   */
  fill(text: string, who: number): string {
    if (!text.includes("$KEY-") && !text.includes("$TOKEN-")) return text;
    return text
      .replace(/\$KEY-([a-z]+)/g, (whole, id) => (id in KEYS && id !== HEALTHY ? keyOf(id) : whole))
      .replace(/\$TOKEN-([a-z]+)/g, (whole, name) => this.#token(name, who) ?? whole);
  }

  /**
   * What the holder may do now; undefined for what is refused.
   * @param text undefined for whoever comes without any
   */
  rightsOf(text: string | undefined): Rights | undefined {
    if (text === undefined) {
      const scope = ANONYMOUS[this.#anonymous];
      if (scope.length === 0) return undefined;
      return { identity: undefined, scope, rooms: ALL, expiresAt: Number.POSITIVE_INFINITY };
    }
    const rights = this.#rights.get(text);
    return rights !== undefined && rights.expiresAt > this.#now() ? rights : undefined;
  }

  #token(name: string, who: number): string | undefined {
    const made = Object.hasOwn(TOKENS, name) ? TOKENS[name] : undefined;
    const lasting = this.#lasting.get(`${name} ${who}`);
    if (made === undefined || lasting !== undefined) return lasting;
    const { claims, alg = "HS256", secret = JWT_SECRET, change = (token) => token, bad } = made;
    const seconds = Math.floor(this.#now() / 1_000);
    const at = (time: number) => seconds + time;
    const sub = claims.sub === ANN.sub ? ANN.sub + who : claims.sub;
    const { exp = AGES, nbf } = claims;
    const times = { ...(exp !== null && { exp: at(exp) }), ...(nbf && { nbf: at(nbf) }) };
    const payload = MARK + JSON.stringify({ ...claims, sub, ...times }).slice(1);
    const input = `${base64url(`{"alg":"${alg}"}`)}.${base64url(payload)}`;
    const signature = createHmac("sha256", secret).update(input).digest("base64url");
    const token = change(`${input}.${signature}`);
    if (exp === AGES && nbf === undefined) {
      this.#lasting.set(`${name} ${who}`, token);
      this.#same.add(token);
    }
    if (bad || exp === null) return token;
    const scope = [claims.scope].flat().flatMap((words) => words.split(" ")) as Scope[];
    const rooms = [claims.room].flat();
    this.#rights.set(token, { identity: `sub:${sub}`, scope, rooms, expiresAt: at(exp) * 1_000 });
    return token;
  }
}

/** Do they allow it? `admin` may do all. */
export function allows(rights: Rights | undefined, scope: Scope, room: string): boolean {
  if (rights === undefined) return false;
  const fits = rights.rooms.some((pattern) =>
    pattern.endsWith("*") ? room.startsWith(pattern.slice(0, -1)) : room === pattern,
  );
  return fits && (rights.scope.includes(scope) || rights.scope.includes("admin"));
}

/** Does it hold a key, a token, or what they are made with? */
export function tellsSecret(text: string): boolean {
  return SECRETS.some((secret) => text.includes(secret));
}

function keyOf(id: string): string {
  return `${id}.k3y-of-the-fuzzer-${id}`;
}

const API_KEYS: readonly ApiKey[] = Object.entries(KEYS).map(([id, rights]) => ({
  id,
  hash: createHash("sha256").update(keyOf(id)).digest("hex"),
  ...rights,
}));

function base64url(text: string): string {
  return Buffer.from(text).toString("base64url");
}
