// Reads a curl command as a shell and curl would, so that what is documented can be run anywhere.

/** @param env what `$NAME` stands for inside double quotes */
export function readCurl(command: string, env: Record<string, string>): Request {
  const [program, ...words] = wordsOf(command, env);
  if (program !== "curl") throw new Error(`no curl command: ${command}`);
  let url: string | undefined;
  let method: string | undefined;
  let body: string | undefined;
  const headers = new Headers();
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === "-N") continue;
    if (word === "-X") method = words.shift();
    else if (word === "-d") body = words.shift();
    else if (word === "-H") {
      const [, name = "", value = ""] = /^([^:]+): (.*)$/.exec(words.shift() ?? "") ?? [];
      headers.append(name, value);
    } else if (word.startsWith("-") || url !== undefined) throw new Error(`not known: ${word}`);
    else url = word;
  }
  if (url === undefined) throw new Error(`no address: ${command}`);
  return new Request(url, {
    headers,
    method: method ?? (body === undefined ? "GET" : "POST"),
    ...(body !== undefined && { body }),
  });
}

function wordsOf(command: string, env: Record<string, string>): string[] {
  const parts = command.replaceAll("\\\n", " ").match(/(?:'[^']*'|"[^"]*"|\\.|[^\s'"\\])+/g) ?? [];
  return parts.map((word) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"|\\(.)/g, (_, single, double, escaped) =>
      double === undefined
        ? (single ?? escaped)
        : double.replaceAll(/\$(\w+)/g, (_: string, name: string) => env[name] ?? ""),
    ),
  );
}
