/** The event log on SQLite. */
import { migrate, type Sql, type SqlValue } from "../storage/sql.ts";
import { packAttachments } from "./blob.ts";
import { isRepeat } from "./content.ts";
import {
  type Appended,
  type EventLog,
  KEY_WINDOW,
  type Known,
  type LoggedEvent,
  type NewEvent,
  type Publication,
  type Read,
  ROW_BYTES,
  type StoredSize,
} from "./event-log.ts";
import { KEY_SKEW, timeOfKey } from "./key-time.ts";
import { KeyWindow } from "./keys.ts";
import { upTo } from "./page.ts";
import { toEvent, toSent } from "./row.ts";
import { TrimmedKeys } from "./trimmed-keys.ts";

const STATE = `SELECT epoch, trimmed, measured, bytes, forgotten, forgotten_at,
    max(trimmed, coalesce((SELECT max(seq) FROM roomlog_events), 0)) AS head
  FROM roomlog_log`;
const SAVE_STATE = `UPDATE roomlog_log
  SET trimmed = ?, measured = ?, bytes = ?, forgotten = ?, forgotten_at = ?`;
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
const CONTENT = `SELECT data, attachments, namespace, audience, digest
  FROM roomlog_events WHERE seq = ?`;
const EVENT = "SELECT seq, time, namespace, sender, audience, data, attachments";
/** Read from the rows' heads alone, however long they are. */
const OCTETS = "SELECT octet_length(data) + coalesce(octet_length(attachments), 0) AS bytes";
/** Bytes of an event. `length` counts characters of text, and bytes of a blob. */
const SIZE = `length(CAST(data AS BLOB)) + coalesce(length(attachments), 0) + ${ROW_BYTES}`;
const SIZES = `SELECT seq, time, ${SIZE} AS bytes FROM roomlog_events ORDER BY seq LIMIT ?`;
const SUM = `SELECT coalesce(sum(${SIZE}), 0) AS bytes FROM roomlog_events
  WHERE seq > ? AND seq <= ?`;

/** After so many events their bytes are noted down. */
const NOTED_AGAIN = 1_000;

/** What the log's own row says. */
type State = {
  /** The last event that was trimmed. */
  readonly trimmed: number;
  /** `bytes` is what the events up to this one have. */
  readonly measured: number;
  readonly bytes: number;
  /** The newest event whose key is neither in the log nor kept otherwise, and its time. */
  readonly forgotten: number;
  readonly forgottenAt: number;
};

const EMPTY: State = { trimmed: 0, measured: 0, bytes: 0, forgotten: 0, forgottenAt: 0 };

/** An `EventLog` in a SQLite database. The default namespace is stored as NULL. */
export class SqliteLog implements EventLog {
  readonly #sql: Sql;
  readonly #newEpoch: () => string;
  readonly #capacity: number;
  readonly #trimmedKeys: TrimmedKeys;
  #epoch = "";
  #head = 0;
  #state = EMPTY;
  /** Up to which event the bytes are noted down. */
  #noted = 0;
  /** Rebuilt from the log when the first keyed event comes. */
  #keys: KeyWindow | undefined;
  /** How many transactions are open, each inside the one before. */
  #depth = 0;

  /**
   * Opens the log, and makes it if the database is empty.
   * @param newEpoch a random string of `a-z0-9`
   * @param keyCapacity how many keys are remembered
   */
  constructor(sql: Sql, newEpoch: () => string, keyCapacity: number = KEY_WINDOW) {
    migrate(sql, newEpoch);
    this.#sql = sql;
    this.#newEpoch = newEpoch;
    this.#capacity = keyCapacity;
    this.#trimmedKeys = new TrimmedKeys(sql);
    this.#load();
  }

  get epoch(): string {
    return this.#epoch;
  }

  get head(): number {
    return this.#head;
  }

  get first(): number {
    return this.#state.trimmed + 1;
  }

  get unmeasured(): number {
    return this.#head - Math.max(this.#state.measured, this.#state.trimmed);
  }

  transaction<T>(turn: () => T): T {
    this.#depth++;
    try {
      return this.#sql.transaction(turn);
    } catch (error) {
      this.#undo();
      throw error;
    } finally {
      this.#depth--;
      this.#settle();
    }
  }

  /** What was undone in the database must not stand in memory. */
  #undo(): void {
    const epoch = this.#epoch;
    const { forgotten } = this.#state;
    this.#load();
    // To read all keys again takes long: not for what anybody may bring about, a refused batch.
    if (this.#epoch === epoch && this.#state.forgotten === forgotten) this.#keys?.undo(this.#head);
    else this.#keys = undefined;
  }

  #settle(): void {
    if (this.#depth === 0) this.#keys?.settle();
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
    this.#settle();
    const logged = { seq, time, namespace, sender, audience, data, attachments };
    return { kind: "appended", event: logged };
  }

  find(event: NewEvent): Known | undefined {
    if (event.publication === null) return undefined;
    const seq = this.#seqOf(event.publication);
    if (seq === "expired") return { kind: "key_expired" };
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
    const from = `FROM roomlog_events ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""}
      ORDER BY seq ${order === "desc" ? "DESC" : "ASC"} LIMIT ?`;
    const count = maxChars === undefined ? limit : this.#count(from, bindings, limit, maxChars);
    const rows = this.#sql.all(`${EVENT} ${from}`, ...bindings, count);
    return upTo(rows.map(toEvent), maxChars);
  }

  /** How many rows to read for so many characters: a row may have 2 MB, and memory has little room. */
  #count(from: string, bindings: readonly SqlValue[], limit: number, maxChars: number): number {
    let bytes = 0;
    const beyond = this.#sql.all(`${OCTETS} ${from}`, ...bindings, limit).findIndex((row) => {
      bytes += Number(row.bytes);
      // A character has three bytes at most.
      return bytes > 3 * maxChars;
    });
    return beyond < 0 ? limit : beyond + 1;
  }

  // --- Retention ------------------------------------------------------------------------------

  measure(): number {
    const { measured } = this.#state;
    const bytes = this.#state.bytes + this.#sum(measured, this.#head);
    this.#state = { ...this.#state, measured: this.#head, bytes };
    // Now and then, so that they need not all be counted again after a wake-up.
    if (this.#head - this.#noted >= NOTED_AGAIN) this.#save({});
    return bytes;
  }

  oldest(limit: number): StoredSize[] {
    return this.#sql.all(SIZES, limit).map(({ seq, time, bytes }) => ({
      seq: Number(seq),
      time: Number(time),
      bytes: Number(bytes),
    }));
  }

  trim(seq: number, now: number): void {
    const last = Math.min(seq, this.#head);
    if (last <= this.first - 1) return;
    this.transaction(() => {
      const bytes = this.measure() - this.#sum(this.#state.trimmed, last);
      const lost = this.#trimmedKeys.keep(last, now);
      this.#sql.run("DELETE FROM roomlog_events WHERE seq <= ?", last);
      this.#save({
        trimmed: last,
        bytes,
        ...(lost && { forgotten: lost.seq, forgottenAt: lost.time }),
      });
    });
    this.#keys?.forget(this.#state.forgotten);
  }

  renew(keep: boolean): void {
    this.transaction(() => {
      if (!keep) {
        this.#sql.run("DELETE FROM roomlog_events");
        this.#sql.run("DELETE FROM roomlog_keys");
        this.#save(EMPTY);
        this.#keys = undefined;
      }
      this.#sql.run("UPDATE roomlog_log SET epoch = ?", this.#newEpoch());
      this.#load();
    });
  }

  #sum(after: number, last: number): number {
    return Number(this.#sql.all(SUM, after, last)[0]?.bytes);
  }

  #save(changes: Partial<State>): void {
    const state = { ...this.#state, ...changes };
    const { trimmed, measured, bytes, forgotten, forgottenAt } = state;
    this.#sql.run(SAVE_STATE, trimmed, measured, bytes, forgotten, forgottenAt);
    this.#state = state;
    this.#noted = measured;
  }

  #load(): void {
    const state = this.#sql.all(STATE)[0];
    if (state === undefined) throw new Error("the log has no state row");
    this.#epoch = String(state.epoch);
    this.#head = Number(state.head);
    this.#state = {
      trimmed: Number(state.trimmed),
      measured: Number(state.measured),
      bytes: Number(state.bytes),
      forgotten: Number(state.forgotten),
      forgottenAt: Number(state.forgotten_at),
    };
    this.#noted = this.#state.measured;
  }

  // --- Keys -----------------------------------------------------------------------------------

  #window(): KeyWindow {
    if (this.#keys === undefined) {
      this.#keys = new KeyWindow(this.#capacity, this.#state.forgotten);
      for (const trimmed of this.#trimmedKeys) this.#keys.add(trimmed, trimmed.seq);
      const rows = this.#sql.all(NEWEST_KEYS, this.#capacity).reverse();
      if (rows.length === this.#capacity) this.#keys.forget(Number(rows[0]?.seq) - 1);
      for (const { seq, identity, key } of rows) {
        this.#keys.add({ identity: String(identity), key: String(key) }, Number(seq));
      }
    }
    return this.#keys;
  }

  #seqOf(publication: Publication): number | "expired" | undefined {
    const window = this.#window();
    const seq = window.find(publication);
    if (seq !== undefined || window.forgotten === 0) return seq;
    const made = timeOfKey(publication.key);
    if (publication.after === null && made === undefined) return undefined;
    // It was made after whatever is forgotten.
    if (publication.after !== null && publication.after >= window.forgotten) return undefined;
    if (made !== undefined && made > this.#timeOf(window.forgotten) + KEY_SKEW) return undefined;
    const after = publication.after ?? 0;
    const older = this.#search(publication, after, window.forgotten);
    if (older !== undefined) return older;
    const { forgotten, forgottenAt } = this.#state;
    return made !== undefined && made <= forgottenAt && after < forgotten ? "expired" : undefined;
  }

  #search(publication: Publication, after: number, last: number): number | undefined {
    const { identity, key } = publication;
    const row = this.#sql.all(OLDER_KEY, after, last, key, identity)[0];
    return row === undefined ? this.#trimmedKeys.search(publication, after) : Number(row.seq);
  }

  /** When the event of this seq was logged, or the next that is kept. */
  #timeOf(seq: number): number {
    const query = "SELECT time FROM roomlog_events WHERE seq >= ? ORDER BY seq LIMIT 1";
    const [row] = this.#sql.all(query, seq);
    return Math.max(Number(row?.time ?? 0), this.#state.forgottenAt);
  }

  #compare(seq: number, event: NewEvent, { digest }: Publication): Known {
    const row = this.#sql.all(CONTENT, seq)[0];
    const stored = row === undefined ? this.#trimmedKeys.find(seq) : toSent(row);
    if (stored === undefined) throw new Error("a key is known whose event is not");
    return isRepeat(stored, { ...event, digest })
      ? { kind: "duplicate", seq }
      : { kind: "key_reused" };
  }
}
