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
