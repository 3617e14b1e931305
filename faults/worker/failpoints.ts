/** The places at which a room can be made to stop, and how the harness and its Worker name them. */

/** Each is reached after what it names was done. */
export type Failpoint =
  /** An event's row was inserted; its transaction is open. */
  | "insert"
  /** The turn's transaction has ended; nobody was sent anything. */
  | "commit"
  /** A frame was handed to a WebSocket; others have not got it yet. */
  | "send"
  /** The alarm has rung, and nothing was done. */
  | "alarm"
  /** Events were trimmed; the transaction is open. */
  | "trim"
  /** The keys of trimmed events were kept; they are about to be trimmed. */
  | "keys"
  /** A statement of a migration was run; its transaction is open. */
  | "migration";

/** What the Worker prints when it is there, before it stands still. */
export const REACHED = "roomlog-failpoint";

/** Where the harness reaches the Worker beside the relay's own paths. */
export const CONTROL = "/faults/";
