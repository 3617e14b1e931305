/** Namespaces: channels inside a room, with one log and one order (ADDR-4). */
import { isNamespace } from "../protocol/names.ts";

/** The name in a CONNECT that is longer than this is not even told back. */
export const LONGEST_NAMESPACE = 256;

/**
 * Why a session can't join a namespace, as its CONNECT_ERROR says it; undefined if it can.
 * @param open the namespaces that are open beside `/`; `*` for any
 * @param joined how many the session has joined
 * @param limit how many it may join
 */
export function refuseNamespace(
  namespace: string,
  open: readonly string[],
  joined: number,
  limit: number,
): string | undefined {
  const isOpen = namespace === "/" || open.includes("*") || open.includes(namespace);
  if (!isOpen || !isNamespace(namespace)) return "Invalid namespace";
  return joined < limit ? undefined : `At most ${limit} namespaces`;
}
