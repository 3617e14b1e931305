/** To be thrown by a room's code: refuses an event or a client, and undoes what was done for it. */
export class Refused extends Error {
  readonly code: string;
  /** More members for the answer's `error`. */
  readonly details: Readonly<Record<string, unknown>>;

  /** @throws TypeError for details that are not JSON */
  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    // Where it is thrown, the room's code can be told.
    JSON.stringify(details);
    this.name = "Refused";
    this.code = code;
    this.details = details;
  }
}
