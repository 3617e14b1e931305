/** The description says what the app does, no less and no more. */
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { schemasOf } from "../../scripts/openapi.ts";
import { ERRORS } from "../../src/errors.ts";
import { createApp } from "../../src/http/app.ts";
import { openApiDocument } from "../../src/http/openapi/document.ts";
import { GROUPS } from "../../src/http/openapi/operations.ts";
import { SCHEMAS } from "../../src/http/openapi/schemas.ts";
import { SHAPES } from "../../src/http/openapi/shapes.ts";
import type { AppPorts } from "../../src/http/routes.ts";

const operations = GROUPS.flatMap(([, group]) => group);
const document = openApiDocument("https://relay.example") as {
  readonly paths: Record<string, Record<string, Described>>;
};

type Described = {
  readonly responses: Record<
    string,
    { readonly headers?: object; readonly content: Record<string, { schema: Schema }> }
  >;
};
type Schema = {
  readonly allOf?: readonly {
    readonly properties?: { readonly code: { readonly enum: string[] } };
  }[];
};

/** Nothing is asked of it but its routes. */
const ports: AppPorts = {
  path: "/socket.io/",
  config: () => {
    throw new Error("not asked for");
  },
  room: () => {
    throw new Error("not asked for");
  },
};

describe("the OpenAPI document", () => {
  it("HTTP-16 is a valid one", async () => {
    const result = await new Validator().validate(structuredClone(document));
    expect(result).toMatchObject({ valid: true });
  });

  it("HTTP-16 describes every route that the app answers, and no other", () => {
    const routes = createApp(ports)
      .routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, "{$1}")}`);
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes.toSorted());
    expect(described.length).toBeGreaterThan(8);
  });

  it("HTTP-16 says which headers a refusal has", () => {
    const all = Object.values(document.paths).flatMap((methods) => Object.values(methods));
    const headersOf = (status: number) =>
      new Set(
        all.flatMap(({ responses }) => {
          const answer = responses[status];
          return answer ? [Object.keys(answer.headers ?? {}).join()] : [];
        }),
      );
    expect([401, 429, 503, 400].map((status) => [...headersOf(status)])).toEqual([
      ["WWW-Authenticate"],
      ["Retry-After"],
      ["Retry-After"],
      [""],
    ]);
    expect(Object.keys(document.paths["/healthz"]?.get?.responses ?? {})).not.toContain("429");
  });

  it("HTTP-16 names every operation once, with an example", () => {
    const ids = operations.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { examples } of operations) expect(examples.length).toBeGreaterThan(0);
  });

  it("HTTP-16 documents no status of a refusal that the table of errors has not, with its codes", () => {
    const table: Record<string, { readonly status: number }> = ERRORS;
    for (const described of Object.values(document.paths).flatMap((path) => Object.values(path))) {
      for (const [status, { content }] of Object.entries(described.responses)) {
        const schema = content["application/problem+json"]?.schema;
        if (Number(status) < 400) continue;
        const codes = schema?.allOf?.flatMap((part) => part.properties?.code.enum ?? []) ?? [];
        expect(codes.length).toBeGreaterThan(0);
        for (const code of codes)
          expect([code, table[code]?.status]).toEqual([code, Number(status)]);
      }
    }
  });

  it("HTTP-16 names every code of the table but those of routes that it leaves out", () => {
    const named = new Set(
      Object.values(document.paths)
        .flatMap((path) => Object.values(path))
        .flatMap(({ responses }) => Object.values(responses))
        .flatMap(({ content }) => content["application/problem+json"]?.schema.allOf ?? [])
        .flatMap((part) => part.properties?.code.enum ?? []),
    );
    // Of sockets, and of methods that a path has not.
    const elsewhere = ["bad_request", "room_full", "too_many_sockets", "method_not_allowed"];
    expect([...named, ...elsewhere].toSorted()).toEqual(Object.keys(ERRORS).toSorted());
  });

  it("HTTP-16 has its schemas of what the code checks with: else run node scripts/openapi.ts", () => {
    expect(SCHEMAS).toEqual(schemasOf(SHAPES));
  });

  it("HTTP-16 says of each query parameter what it means", () => {
    for (const { query } of operations) {
      if (query === undefined) continue;
      expect(Object.keys(query.text).toSorted()).toEqual(
        Object.keys(SCHEMAS[query.schema].properties).toSorted(),
      );
    }
  });
});
