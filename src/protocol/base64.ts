/** Base64 (RFC 4648 §4), as polling carries binary messages in it. */

/** The groups of four are not counted here: on a few megabytes that overflows a RegExp's stack. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** A function takes only so many arguments. */
const CHUNK = 8_192;

export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}

/** @returns undefined for anything but strict base64 */
export function decodeBase64(text: string): Uint8Array | undefined {
  if (text.length % 4 !== 0 || !BASE64.test(text)) return undefined;
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
