/** Ids: of sessions, of sockets, and the private one with which a socket resumes. */
import { formatOffset, parseOffset } from "../log/offset.ts";

/** `bytes` random bytes in base64url. */
function random(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

/** A new Engine.IO session id: 20 characters, as the reference server's. */
export function newSid(): string {
  return random(15);
}

/** A new epoch: 8 characters of `a-z0-9`. */
export function newEpoch(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return Array.from(bytes, (byte) => (byte % 36).toString(36)).join("");
}

/**
 * A pid is `<secret><nonce>.<offset>`: a random secret, a nonce, and the offset from which its
 * socket joined, so that a client cut off before its first event still misses nothing (SUB-4). It
 * needs no storage and no signature: a socket's id is a hash of the secret, so only who knows the
 * secret can have the id, and the offset gives nobody more than they may ask for anyway.
 * After a gap the secret stays, so that retried keys are still recognised, but the pid is a new one:
 * that is how the client sees that it was not recovered.
 */
export type Pid = { readonly text: string; readonly secret: string; readonly joined: string };

const PID = /^([A-Za-z0-9_-]{24})[A-Za-z0-9_-]{4}\.(.+)$/;

/** The secret of a new pid. */
export function newSecret(): string {
  return random(18);
}

/** A pid for the holder of `secret`, joining after the event `joined`. */
export function newPid(secret: string, epoch: string, joined: number): string {
  return `${secret}${random(3)}.${formatOffset(epoch, joined)}`;
}

/** Reads what a client sent as `auth.pid`; undefined for what never was one. */
export function parsePid(value: unknown): Pid | undefined {
  if (typeof value !== "string") return undefined;
  const match = PID.exec(value);
  const [, secret, joined] = match ?? [];
  if (secret === undefined || joined === undefined) return undefined;
  if (parseOffset(joined)?.epoch === undefined) return undefined;
  return { text: value, secret, joined };
}

/**
 * The public id of the socket that holds `secret`. It is bound to who the client is: with
 * somebody else's pid one gets another id, and nothing that is theirs.
 */
export async function socketId(secret: string, namespace: string, holder: string): Promise<string> {
  return (await digest(`${secret}\n${namespace}\n${holder}`)).slice(0, 20);
}

/** SHA-256 of `text`, in base64url. */
export async function digest(text: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return base64url(new Uint8Array(hash));
}

function base64url(bytes: Uint8Array): string {
  const base64 = btoa(String.fromCharCode(...bytes));
  return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
