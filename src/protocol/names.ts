/** Names that users choose: of rooms, and of namespaces inside them. */

/** ADDR-1: 1 to 128 characters that need no escaping in a path, and no way up. */
const NAME = /^(?!\.\.?$)[A-Za-z0-9_.:~-]{1,128}$/;

/** May a room have this name? */
export function isRoomName(name: string): boolean {
  return NAME.test(name);
}

/** Is this a namespace: `/`, or a slash and a name as a room's (ADDR-4)? */
export function isNamespace(name: string): boolean {
  return name === "/" || (name.startsWith("/") && NAME.test(name.slice(1)));
}

/** May this stand for rooms: a name, in which `*` stands for any run of characters? */
export function isRoomPattern(pattern: string): boolean {
  return /^[A-Za-z0-9_.:~*-]{1,128}$/.test(pattern);
}

/** Does `name` fit `pattern`, in which `*` stands for any run of characters? */
export function matchesGlob(pattern: string, name: string): boolean {
  // Splitting instead of building a RegExp: nothing in a pattern can be special or slow.
  const [head = "", ...parts] = pattern.split("*");
  if (parts.length === 0) return pattern === name;
  const tail = parts.pop() ?? "";
  if (!name.startsWith(head)) return false;
  let at = head.length;
  for (const part of parts) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length >= at + tail.length && name.endsWith(tail);
}
