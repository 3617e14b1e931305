/** The description as a page: no script, no other file, so that it stands alone wherever it is served. */
import { ERRORS } from "../../errors.ts";
import { type Example, errorsOf, type Operation, type SchemaName } from "./operation.ts";
import { GROUPS } from "./operations.ts";
import { SCHEMAS } from "./schemas.ts";
import { STYLE } from "./style.ts";

/** @param origin of the relay, which the examples ask */
export function docsPage(origin: string): string {
  const index = GROUPS.map(
    ([title, operations]) =>
      `<li><span>${text(title)}</span><ul>${each(operations, entry)}</ul></li>`,
  ).join("");
  const sections = GROUPS.map(
    ([title, operations]) =>
      `<h2>${text(title)}</h2>${each(operations, (operation) => section(operation, origin))}`,
  ).join("");
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Roomlog: HTTP</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>Roomlog over HTTP</h1>
<p>Publish to rooms, read their logs, and look after them. All is JSON; errors are <code>application/problem+json</code>, with a <code>code</code> for programs. The same as a document: <a href="/openapi.json">openapi.json</a>.</p>
<p>Where a key is needed, send it: <code>-H "authorization: Bearer $KEY"</code>. The examples ask this relay, and its room <code>lobby</code>.</p>
</header>
<nav aria-label="Requests"><ul>${index}</ul></nav>
<main>${sections}</main>
</body>
</html>
`;
}

/** An example as a command for a shell. */
export function curlOf(method: string, example: Example, origin: string, admin: boolean): string {
  const { path, headers = {}, body } = example;
  const follows = headers.accept === "text/event-stream";
  const parts = [
    `curl ${follows ? "-N " : ""}${method === "get" ? "" : `-X ${method.toUpperCase()} `}${quote(origin + path)}`,
    ...(admin ? ['-H "authorization: Bearer $KEY"'] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`-d ${quote(body)}`]),
  ];
  return parts.join(" \\\n  ");
}

/** In single quotes a shell takes everything as it is, but for these. */
function quote(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`;
}

function entry({ id, method, path, title }: Operation): string {
  return `<li><a href="#${id}"><b class="${method}">${method}</b> <code>${text(path)}</code> <span>${text(title)}</span></a></li>`;
}

function section(operation: Operation, origin: string): string {
  const { id, method, path, title, scope, query, headers, body, answers, examples } = operation;
  const needs = scope === null ? "Needs no key." : `Needs the scope <code>${scope}</code>.`;
  const asked = Object.entries(query?.text ?? {});
  const answered = Object.entries(answers);
  return `<section id="${id}">
<h3>${text(title)}</h3>
<p class="line"><b class="${method}">${method}</b> <code>${text(path)}</code></p>
<p>${text(operation.text)} ${needs}</p>
${each(examples, (example) => exampleHtml(operation, example, origin))}
${asked.length > 0 ? table("Query", asked) : ""}
${headers ? table("Headers", Object.entries(headers)) : ""}
${body ? `<h4>Body</h4>${each(Object.entries(body), contentHtml)}` : ""}
<h4>Answers</h4>
${each(answered, ([status, answer]) => `<p><b>${status}</b> ${text(answer.text)}</p>${each(Object.entries(answer.content), contentHtml)}`)}
<details><summary>Refusals</summary><table>${each(
    [...errorsOf(operation)].sort((a, b) => ERRORS[a].status - ERRORS[b].status),
    (code) => row(`${ERRORS[code].status} ${code}`, ERRORS[code].title),
  )}</table></details>
</section>`;
}

function exampleHtml({ method, scope }: Operation, example: Example, origin: string): string {
  const command = curlOf(method, example, origin, scope === "admin");
  return `<figure><figcaption>${text(example.title)} <span>${example.status}</span></figcaption><pre tabindex="0"><code>${text(command)}</code></pre></figure>`;
}

function contentHtml([type, schema]: [string, SchemaName | null]): string {
  const shape =
    schema === null ? "" : `<pre tabindex="0"><code>${text(shapeOf(SCHEMAS[schema]))}</code></pre>`;
  return `<p class="type"><code>${text(type)}</code></p>${shape}`;
}

type Schema = {
  readonly type?: string;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
};

/** A schema as one writes a type. */
export function shapeOf(schema: Schema, indent = ""): string {
  if (schema.anyOf) return schema.anyOf.map((one) => shapeOf(one, indent)).join(" | ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.type === "array") {
    const item = shapeOf(schema.items ?? {}, indent);
    return item.includes(" | ") && !item.includes("\n") ? `(${item})[]` : `${item}[]`;
  }
  if (!schema.properties) return schema.type ?? "any";
  const inner = `${indent}  `;
  const members = Object.entries(schema.properties).map(([name, member]) => {
    const optional = schema.required?.includes(name) ? "" : "?";
    return `${inner}${name}${optional}: ${shapeOf(member, inner)}`;
  });
  return `{\n${members.join(",\n")}\n${indent}}`;
}

function table(title: string, rows: readonly (readonly [string, string])[]): string {
  return `<h4>${title}</h4><table>${each(rows, ([name, meaning]) => row(name, meaning))}</table>`;
}

function row(name: string, meaning: string): string {
  return `<tr><th scope="row"><code>${text(name)}</code></th><td>${text(meaning)}</td></tr>`;
}

function each<T>(items: readonly T[], make: (item: T) => string): string {
  return items.map(make).join("");
}

function text(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
