/** What a client asked for and does not get. Thrown before anything is written. */
export class Refused extends Error {
  /** What the page goes by; on a refused connection, `socket.io-client` shows it as `error.data`. */
  readonly data: { readonly code: string };

  constructor(code: string, message: string) {
    super(message);
    this.data = { code };
  }
}
