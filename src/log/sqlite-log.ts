/** The event log on SQLite. */
import { migrate, type Sql, type SqlRow, type SqlValue } from "../storage/sql.ts";
import { packAttachments, unpackAttachments } from "./blob.ts";
import { isRepeat } from "./content.ts";
import {
  type Appended,
  type Audience,
  type EventLog,
  KEY_WINDOW,
  type Known,
  type LoggedEvent,
  type NewEvent,
  type Publication,
  type Read,
} from "./event-log.ts";
import { KeyWindow } from "./keys.ts";
import { upTo } from "./page.ts";

const STATE = `SELECT epoch, trimmed,
    max(trimmed, coalesce((SELECT max(seq) FROM roomlog_events), 0)) AS head
  FROM roomlog_log`;
const INSERT = `INSERT INTO roomlog_events
    (seq, time, namespace, sender, identity, key, data) VALUES (?, ?, ?, ?, ?, ?, ?)`;
/** What few events have is left out of the others': each value bound costs time. */
const INSERT_ALL = `INSERT INTO roomlog_events
    (seq, time, namespace, sender, identity, key, data, attachments, audience, digest)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const NEWEST_KEYS = `SELECT seq, identity, key FROM roomlog_events
  WHERE key IS NOT NULL ORDER BY seq DESC LIMIT ?`;
const OLDER_KEY = `SELECT seq FROM roomlog_events
  WHERE seq > ? AND seq <= ? AND key = ? AND identity = ? LIMIT 1`;
const CONTENT = "SELECT data, attachments, namespace, digest FROM roomlog_events WHERE seq = ?";

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
      const head = this.#head;
      this.#load();
      if (this.#head !== head) this.#keys = undefined;
      throw error;
    }
  }

  append(event: NewEvent, time: number): Appended {
    const known = this.find(event);
    if (known !== undefined) return known;
    const { namespace, data, attachments, audience, sender, publication } = event;
    const seq = this.#head + 1;
    const blob = packAttachments(attachments);
    const whom = audience === null ? null : JSON.stringify([audience.to, audience.except]);
    const digest = publication?.digest ?? null;
    const rare = blob === null && whom === null && digest === null ? [] : [blob, whom, digest];
    this.#sql.run(
      rare.length > 0 ? INSERT_ALL : INSERT,
      seq,
      time,
      namespace === "/" ? null : namespace,
      sender,
      publication?.identity ?? null,
      publication?.key ?? null,
      data,
      ...rare,
    );
    this.#head = seq;
    if (publication !== null) this.#window().add(publication, seq);
    const logged = { seq, time, namespace, sender, audience, data, attachments };
    return { kind: "appended", event: logged };
  }

  find(event: NewEvent): Known | undefined {
    if (event.publication === null) return undefined;
    const seq = this.#seqOf(event.publication);
    return seq === undefined ? undefined : this.#compare(seq, event, event.publication);
  }

  read(query: Read): LoggedEvent[] {
    const { after, before, order = "asc", namespace, event, forAll, limit, maxChars } = query;
    const where: string[] = [];
    const bindings: SqlValue[] = [];
    const narrow = (condition: string, value: SqlValue) => {
      where.push(condition);
      bindings.push(value);
    };
    if (after !== undefined) narrow("seq > ?", after);
    if (before !== undefined) narrow("seq < ?", before);
    if (namespace !== undefined) narrow("namespace IS ?", namespace === "/" ? null : namespace);
    if (forAll) where.push("audience IS NULL");
    if (event !== undefined) narrow("json_extract(data, '$[0]') = ?", event);
    const rows = this.#sql.all(
      `SELECT seq, time, namespace, sender, audience, data, attachments FROM roomlog_events
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
      this.#sql.run("DELETE FROM roomlog_events WHERE seq <= ?", last);
      this.#sql.run("UPDATE roomlog_log SET trimmed = ?", last);
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

  #seqOf(publication: Publication): number | undefined {
    const window = this.#window();
    const seq = window.find(publication);
    if (seq !== undefined || publication.after === null) return seq;
    if (publication.after >= window.forgotten) return undefined;
    const { identity, key, after } = publication;
    const row = this.#sql.all(OLDER_KEY, after, window.forgotten, key, identity)[0];
    return row === undefined ? undefined : Number(row.seq);
  }

  #compare(seq: number, event: NewEvent, { digest }: Publication): Known {
    const row = this.#sql.all(CONTENT, seq)[0];
    // Trimmed since: the key still says that the event was there.
    if (row === undefined) return { kind: "duplicate", seq };
    const stored = {
      namespace: String(row.namespace ?? "/"),
      data: String(row.data),
      attachments: unpackAttachments(bytesOf(row.attachments)),
      digest: isNull(row.digest) ? null : Number(row.digest),
    };
    return isRepeat(stored, { ...event, digest })
      ? { kind: "duplicate", seq }
      : { kind: "key_reused" };
  }
}

function toEvent({
  seq,
  time,
  namespace,
  sender,
  audience,
  data,
  attachments,
}: SqlRow): LoggedEvent {
  return {
    seq: Number(seq),
    time: Number(time),
    namespace: String(namespace ?? "/"),
    sender: isNull(sender) ? null : String(sender),
    audience: isNull(audience) ? null : readAudience(String(audience)),
    data: String(data),
    attachments: unpackAttachments(bytesOf(attachments)),
  };
}

function readAudience(json: string): Audience {
  const [to, except]: [string[], string[]] = JSON.parse(json);
  return { to, except };
}

/** A blob, as workerd (ArrayBuffer) or Node (Uint8Array) gives it. */
function bytesOf(value: SqlValue | undefined): Uint8Array | null {
  if (value instanceof Uint8Array) return value;
  return value instanceof ArrayBuffer ? new Uint8Array(value) : null;
}

function isNull(value: SqlValue | undefined): value is null | undefined {
  return value === null || value === undefined;
}
