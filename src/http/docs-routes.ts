/** The interface's description: `/openapi.json`, and `/docs` for people (HTTP-16). */
import { openApiDocument } from "./openapi/document.ts";
import { docsPage } from "./openapi/page.ts";
import type { Routes } from "./routes.ts";

const CACHE = "public, max-age=300";

const PAGE_HEADERS = {
  "cache-control": CACHE,
  "content-security-policy":
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

export const docsRoutes: Routes = (app) => {
  app.get("/openapi.json", (c) => {
    const { origin } = new URL(c.req.url);
    return c.json(openApiDocument(origin), 200, { "cache-control": CACHE });
  });

  app.get("/docs", (c) => c.html(docsPage(new URL(c.req.url).origin), 200, PAGE_HEADERS));
};
