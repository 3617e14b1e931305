/** Who has a nickname, and what moderators said about them. */
import { Refused } from "./refused.ts";

export type Person = {
  /** Who it is for Roomlog: a digest of the browser's secret. */
  readonly identity: string;
  readonly nick: string;
  /** Milliseconds since 1970. */
  readonly mutedUntil: number | null;
  /** Why they may not come in. */
  readonly banned: string | null;
  readonly spokeAt: number | null;
};

const COLUMNS =
  "identity, nick, muted_until AS mutedUntil, banned, spoke_at AS spokeAt FROM people";

export class People {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS people (
      identity TEXT PRIMARY KEY,
      nick TEXT NOT NULL UNIQUE COLLATE NOCASE,
      muted_until INTEGER,
      banned TEXT,
      spoke_at INTEGER
    ) WITHOUT ROWID`);
  }

  find(identity: string): Person | undefined {
    return this.#one("identity", identity);
  }

  /** @throws {Refused} if nobody has that nickname */
  named(nick: string): Person {
    const person = this.#one("nick", nick);
    if (person === undefined) throw new Refused("nobody", `nobody here is called ${nick}`);
    return person;
  }

  /**
   * Gives somebody a nickname, for good: a name keeps meaning the same person.
   * @throws {Refused} if it is another's
   */
  name(identity: string, nick: string): void {
    const owner = this.#one("nick", nick);
    if (owner !== undefined && owner.identity !== identity) {
      throw new Refused("nick_taken", `somebody else is ${owner.nick}`);
    }
    this.#sql.exec(
      `INSERT INTO people (identity, nick) VALUES (?1, ?2)
       ON CONFLICT (identity) DO UPDATE SET nick = ?2`,
      identity,
      nick,
    );
  }

  mute(identity: string, until: number | null): void {
    this.#sql.exec("UPDATE people SET muted_until = ? WHERE identity = ?", until, identity);
  }

  ban(identity: string, reason: string | null): void {
    this.#sql.exec("UPDATE people SET banned = ? WHERE identity = ?", reason, identity);
  }

  spoke(identity: string, at: number): void {
    this.#sql.exec("UPDATE people SET spoke_at = ? WHERE identity = ?", at, identity);
  }

  #one(column: "identity" | "nick", value: string): Person | undefined {
    return this.#sql.exec<Person>(`SELECT ${COLUMNS} WHERE ${column} = ?`, value).toArray()[0];
  }
}
