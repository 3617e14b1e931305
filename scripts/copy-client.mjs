// Copies the official browser bundles of socket.io-client to public/socket.io/, where the
// assets serve them under the addresses that a Socket.IO server has: /socket.io/socket.io.js
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const from = new URL("../node_modules/socket.io-client/dist/", import.meta.url);
const to = new URL("../public/socket.io/", import.meta.url);
const bundles = ["socket.io.js", "socket.io.min.js", "socket.io.esm.min.js"];

mkdirSync(to, { recursive: true });
for (const name of bundles.flatMap((bundle) => [bundle, `${bundle}.map`])) {
  const content = readFileSync(new URL(name, from));
  // Left alone when the same, because a running relay may be serving it.
  if (!read(new URL(name, to))?.equals(content)) writeFileSync(new URL(name, to), content);
}

/** @param {URL} file */
function read(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}
