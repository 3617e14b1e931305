/** The OpenAPI 3.1 document, put together from the operations. https://spec.openapis.org/oas/v3.1.1 */
import { ERRORS, type ErrorCode } from "../../errors.ts";
import { type Content, errorsOf, type Operation } from "./operation.ts";
import { GROUPS } from "./operations.ts";
import { SCHEMAS } from "./schemas.ts";

/** The interface's version, not the software's: it changes when a client would have to. */
const VERSION = "1.0.0";

type Json = Readonly<Record<string, unknown>>;

/** @param origin of the relay that is described */
export function openApiDocument(origin: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const [tag, operations] of GROUPS) {
    for (const operation of operations) {
      const { path, method } = operation;
      paths[path] = { ...paths[path], [method]: describe(operation, tag) };
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Roomlog",
      version: VERSION,
      description: "A Socket.IO relay whose rooms keep an ordered log. This is its HTTP side.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: origin }],
    tags: GROUPS.map(([name]) => ({ name })),
    paths,
    components: {
      schemas: SCHEMAS,
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
    },
  };
}

function describe(operation: Operation, tag: string): Json {
  const { id, title, text, scope, body, answers } = operation;
  const responses = Object.fromEntries([
    ...Object.entries(answers).map(([status, answer]) => [
      status,
      { description: answer.text, content: contentOf(answer.content) },
    ]),
    ...Object.entries(byStatus(errorsOf(operation))).map(([status, codes]) => [
      status,
      problem(Number(status), codes),
    ]),
  ]);
  return {
    operationId: id,
    tags: [tag],
    summary: title,
    description: scope === null ? text : `${text} Needs the scope ${scope}.`,
    // Where ANONYMOUS allows it, no key is needed for reading and writing.
    security: scope === null ? [] : scope === "admin" ? [{ key: [] }] : [{ key: [] }, {}],
    parameters: parametersOf(operation),
    ...(body && { requestBody: { required: true, content: contentOf(body) } }),
    responses,
  };
}

const PATH_PARAMETERS = [
  {
    name: "room",
    in: "path",
    required: true,
    description: "The room’s name.",
    schema: { type: "string", pattern: "^(?!\\.\\.?$)[A-Za-z0-9_.:~-]{1,128}$" },
  },
  {
    name: "id",
    in: "path",
    required: true,
    description: "A socket’s public id.",
    schema: { type: "string" },
  },
] as const;

function parametersOf({ path, query, headers = {} }: Operation): Json[] {
  const shapes: Json = query === undefined ? {} : SCHEMAS[query.schema].properties;
  const asked = Object.entries(query?.text ?? {}).map(([name, description]) => ({
    name,
    in: "query",
    description,
    ...(requiredOf(query).includes(name) && { required: true }),
    schema: shapes[name],
  }));
  // OpenAPI has `accept` said by the answers' media types.
  const sent = Object.entries(headers)
    .filter(([name]) => name !== "accept")
    .map(([name, description]) => ({
      name,
      in: "header",
      description,
      schema: { type: "string" },
    }));
  const inPath = PATH_PARAMETERS.filter(({ name }) => path.includes(`{${name}}`));
  return [...inPath, ...asked, ...sent];
}

function requiredOf(query: Operation["query"]): readonly string[] {
  return query === undefined ? [] : SCHEMAS[query.schema].required;
}

function contentOf(content: Content): Json {
  const entries = Object.entries(content).map(([type, schema]) => [
    type,
    schema === null ? {} : { schema: { $ref: `#/components/schemas/${schema}` } },
  ]);
  return Object.fromEntries(entries);
}

/** The codes of each status. */
export function byStatus(codes: readonly ErrorCode[]): Readonly<Record<string, ErrorCode[]>> {
  const statuses: Record<string, ErrorCode[]> = {};
  for (const code of codes) {
    const { status } = ERRORS[code];
    statuses[status] = [...(statuses[status] ?? []), code];
  }
  return statuses;
}

/** By status: what a refusal has beside its body, in words. */
const HEADERS: Readonly<Record<number, Readonly<Record<string, string>>>> = {
  401: { "WWW-Authenticate": "`Bearer`: what would do (RFC 9110 §11.6.1)." },
  429: { "Retry-After": "Seconds until there is room again." },
  503: { "Retry-After": "Seconds to wait." },
};

function problem(status: number, codes: readonly ErrorCode[]): Json {
  const code = { properties: { code: { enum: codes } } };
  const headers = Object.entries(HEADERS[status] ?? {}).map(([name, description]) => [
    name,
    { description, schema: { type: "string" } },
  ]);
  return {
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    description: codes.map((name) => `${name}: ${ERRORS[name].title}`).join("; "),
    content: {
      "application/problem+json": {
        schema: { allOf: [{ $ref: "#/components/schemas/Problem" }, code] },
      },
    },
  };
}
