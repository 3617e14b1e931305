/** To be thrown by a room's code: refuses an event or a client, and undoes what was done for it. */
export class Refused extends Error {
  readonly code: string;
  /** More members for the answer's `error`. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.name = "Refused";
    this.code = code;
    this.details = details;
  }
}
