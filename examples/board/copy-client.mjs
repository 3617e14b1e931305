// Copies Socket.IO's own browser client to public/socket.io/. Runs after `npm install`.
import { copyFileSync, mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const manifest = createRequire(import.meta.url).resolve("socket.io-client/package.json");
const from = join(dirname(manifest), "dist");
const to = fileURLToPath(new URL("public/socket.io/", import.meta.url));

mkdirSync(to, { recursive: true });
for (const name of ["socket.io.esm.min.js", "socket.io.esm.min.js.map"]) {
  copyFileSync(join(from, name), join(to, name));
}
