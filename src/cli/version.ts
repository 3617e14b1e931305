/** The version of the package that this is. */
import { readFileSync } from "node:fs";

/** From the sources, and from dist/package. */
const PLACES = ["../../package.json", "../../../package.json"];

export function version(): string {
  for (const place of PLACES) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), "utf8");
      const { name, version } = JSON.parse(text);
      if (name === "roomlog") return String(version);
    } catch {
      // Not here.
    }
  }
  throw new Error("package.json is missing");
}
