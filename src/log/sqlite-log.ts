/** The event log on SQLite. */
import {
  type Appended,
  type EventLog,
  KEY_WINDOW,
  type LoggedEvent,
  type NewEvent,
  type Publication,
  type Read,
} from "./event-log.ts";
import { KeyWindow, sameContent } from "./keys.ts";
import { upTo } from "./page.ts";
import { migrate, type Sql, type SqlRow, type SqlValue } from "./sql.ts";

const STATE = `SELECT epoch, trimmed, max(trimmed, coalesce((SELECT max(seq) FROM events), 0)) AS head
  FROM log`;
const INSERT =
  "INSERT INTO events (seq, time, namespace, sender, identity, key, data) VALUES (?, ?, ?, ?, ?, ?, ?)";
const NEWEST_KEYS =
  "SELECT seq, identity, key FROM events WHERE key IS NOT NULL ORDER BY seq DESC LIMIT ?";
const OLDER_KEY =
  "SELECT seq FROM events WHERE seq > ? AND seq <= ? AND key = ? AND identity = ? LIMIT 1";
const BY_SEQ = "SELECT data, namespace FROM events WHERE seq = ?";

/** An `EventLog` in a SQLite database. The default namespace is stored as NULL. */
export class SqliteLog implements EventLog {
  readonly epoch: string;
  readonly #sql: Sql;
  readonly #capacity: number;
  #head = 0;
  #trimmed = 0;
  /** Rebuilt from the log when the first keyed event comes. */
  #keys: KeyWindow | undefined;

  /**
   * Opens the log, and makes it if the database is empty.
   * @param newEpoch a random string of `a-z0-9`
   * @param keyCapacity how many keys are remembered
   */
  constructor(sql: Sql, newEpoch: () => string, keyCapacity: number = KEY_WINDOW) {
    migrate(sql, newEpoch);
    this.#sql = sql;
    this.#capacity = keyCapacity;
    this.epoch = String(this.#load().epoch);
  }

  get head(): number {
    return this.#head;
  }

  get first(): number {
    return this.#trimmed + 1;
  }

  transaction<T>(turn: () => T): T {
    try {
      return this.#sql.transaction(turn);
    } catch (error) {
      // What was undone in the database must not stand in memory.
      this.#load();
      this.#keys = undefined;
      throw error;
    }
  }

  append(event: NewEvent, time: number): Appended {
    const { namespace, data, sender, publication } = event;
    if (publication !== null) {
      const known = this.#find(publication);
      if (known !== undefined) return this.#compare(known, event);
    }
    const seq = this.#head + 1;
    this.#sql.run(
      INSERT,
      seq,
      time,
      namespace === "/" ? null : namespace,
      sender,
      publication?.identity ?? null,
      publication?.key ?? null,
      data,
    );
    this.#head = seq;
    if (publication !== null) this.#window().add(publication, seq);
    return { kind: "appended", event: { seq, time, namespace, sender, data } };
  }

  read({ after, before, order = "asc", namespace, event, limit, maxChars }: Read): LoggedEvent[] {
    const where: string[] = [];
    const bindings: SqlValue[] = [];
    const narrow = (condition: string, value: SqlValue) => {
      where.push(condition);
      bindings.push(value);
    };
    if (after !== undefined) narrow("seq > ?", after);
    if (before !== undefined) narrow("seq < ?", before);
    if (namespace !== undefined) narrow("namespace IS ?", namespace === "/" ? null : namespace);
    if (event !== undefined) narrow("json_extract(data, '$[0]') = ?", event);
    const rows = this.#sql.all(
      `SELECT seq, time, namespace, sender, data FROM events
       ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}
       ORDER BY seq ${order === "desc" ? "DESC" : "ASC"} LIMIT ?`,
      ...bindings,
      limit,
    );
    const events = rows.map(toEvent);
    return maxChars === undefined ? events : upTo(events, maxChars);
  }

  trim(seq: number): void {
    const last = Math.min(seq, this.#head);
    if (last <= this.#trimmed) return;
    this.transaction(() => {
      this.#sql.run("DELETE FROM events WHERE seq <= ?", last);
      this.#sql.run("UPDATE log SET trimmed = ?", last);
    });
    this.#trimmed = last;
  }

  #load(): SqlRow {
    const state = this.#sql.all(STATE)[0];
    if (state === undefined) throw new Error("the log has no state row");
    this.#head = Number(state.head);
    this.#trimmed = Number(state.trimmed);
    return state;
  }

  #window(): KeyWindow {
    if (this.#keys === undefined) {
      this.#keys = new KeyWindow(this.#capacity);
      const rows = this.#sql.all(NEWEST_KEYS, this.#capacity);
      if (rows.length === this.#capacity) this.#keys.forgotten = Number(rows.at(-1)?.seq) - 1;
      for (const { seq, identity, key } of rows.reverse()) {
        this.#keys.add({ identity: String(identity), key: String(key) }, Number(seq));
      }
    }
    return this.#keys;
  }

  #find(publication: Publication): number | undefined {
    const window = this.#window();
    const seq = window.find(publication);
    if (seq !== undefined || publication.after === null) return seq;
    if (publication.after >= window.forgotten) return undefined;
    const { identity, key, after } = publication;
    const row = this.#sql.all(OLDER_KEY, after, window.forgotten, key, identity)[0];
    return row === undefined ? undefined : Number(row.seq);
  }

  #compare(seq: number, event: NewEvent): Appended {
    const row = this.#sql.all(BY_SEQ, seq)[0];
    // Trimmed since: the key still says that the event was there.
    if (row === undefined) return { kind: "duplicate", seq };
    const same =
      (row.namespace ?? "/") === event.namespace && sameContent(String(row.data), event.data);
    return same ? { kind: "duplicate", seq } : { kind: "key_reused" };
  }
}

function toEvent({ seq, time, namespace, sender, data }: SqlRow): LoggedEvent {
  return {
    seq: Number(seq),
    time: Number(time),
    namespace: String(namespace ?? "/"),
    sender: sender === null || sender === undefined ? null : String(sender),
    data: String(data),
  };
}
