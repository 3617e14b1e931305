/** Mistakes in the command line are found before anybody is asked. */
import { describe, expect, it } from "vitest";
import { explain } from "../../src/cli/explain.ts";
import { COMMANDS, dispatch } from "../../src/cli/main.ts";
import { RelayRequestError } from "../../src/server.ts";

const context = {
  env: { ROOMLOG_URL: "http://localhost:1" },
  signal: new AbortController().signal,
};

it.each([...COMMANDS])(
  "the help of %s says how it is used, in lines that fit",
  (name, { help }) => {
    expect(help).toMatch(new RegExp(`^  roomlog ${name} `, "m"));
    for (const line of help.split("\n")) expect(line.length, line).toBeLessThanOrEqual(100);
  },
);

it.each([
  [[], "name a command"],
  [["pubish"], '"pubish" is no command'],
  [["publish", "lobby"], "<event> is missing"],
  [["publish", "lobby", "chat", "{a:1}"], "not JSON: {a:1}"],
  [["publish", "lobby", "chat", "[draft] hello"], 'if it is a text, write "[draft] hello"'],
  [
    ["publish", "lobby", "chat", '"a\nb'],
    'not JSON: "a\\u000ab (if it is a text, write "\\"a\\nb")',
  ],
  [
    ["publish", "lobby", "chat", "--colour"],
    '"--colour" is no option; if it is an argument, put --',
  ],
  [["publish", "lobby", "chat", "-k", "order-17"], '"-k" is no option'],
  [["publish", "lobby", "chat", "-key", "order-17"], '"-key": the option is --key'],
  [["kick", "lobby", "--Mc"], '"--Mc" is no option; if it is an argument, put -- before it'],
  [["tail", "-json"], '"-json": the option is --json'],
  [["tail", "-after=0"], '"-after=0": the option is --after'],
  [["tail", "lobby", "--event", "-x"], "Option '--event' argument is ambiguous"],
  [["publish", "lobby", "-", "--if-head", "a-1"], "--if-head is for a single event"],
  [["tail"], "<room> is missing"],
  [["tail", "lobby", "extra"], 'what is "extra" for?'],
  [["tail", "lobby", "--after", "garbage"], '--after "garbage" is no offset'],
  [["tail", "lobby", "--after", ""], '--after "" is no offset'],
  [["export", "lobby", "--after", "zzz"], '--after "zzz" is no offset'],
  [["info", "lobby", "--url", "relay.example"], "url has to be the relay's"],
  [["kick", "lobby"], "<id> is missing"],
  [["kick", "lobby", ".."], '".." is no socket'],
  [["kick", "lobby", "--identity", ""], "--identity is empty"],
  [["wipe", "lobby"], "add --yes"],
  [["token", "--room", "a"], "--sub is missing"],
  [["token", "--sub", "a"], "--room is missing"],
  [["token", "--sub", "a", "--room", "a"], "set ROOMLOG_JWT_SECRET"],
  [["token", "--sub", "a", "--room", "a", "--secret", "s"], '"--secret" is no option'],
  [["token", "--sub", "a", "--room", "a", "--expires", "5x"], '--expires "5x" is no time'],
  [["token", "--sub", "a", "--room", "a", "--kid", "k"], "--kid goes with --private-key"],
  [["token", "--sub", "a", "--room", "a", "--private-key", "package.json"], "no private key"],
  [["key"], "<id> is missing"],
  [["key", "a b"], "not an id"],
  [["key", "a", "--scope", "delete"], 'not a scope: "delete"'],
])("%j exits with 2 and says what", async (args, message) => {
  const error = await dispatch(args, context).catch((error: unknown) => error);
  const { line, exitCode } = explain(error, args[0], context);
  expect(exitCode).toBe(2);
  expect(line).toContain(message);
  expect(line).toMatch(/^[^\n]+; see roomlog( \w+)? --help$/);
});

it.each([
  ["ROOMLOG_KEY", "geheim\nb", "key has to be"],
  ["ROOMLOG_URL", "backend.geheim", "url has to be"],
])(
  "a key that can't be, or in another's place (%s), is not told again",
  async (name, value, says) => {
    const env = { ...context.env, [name]: value };
    const error = await dispatch(["info", "lobby"], { ...context, env }).catch((error) => error);
    const { line, exitCode } = explain(error, "info", context);
    expect(exitCode).toBe(2);
    expect(line).toContain(says);
    expect(line).not.toContain("geheim");
  },
);

describe("what another server says", () => {
  it("AUTH-4 an expired token is named by its variable", () => {
    const detail = "the token has expired";
    const error = new RelayRequestError({ code: "token_expired", status: 401, detail });
    const { line } = explain(error, "info", { ...context, env: { ROOMLOG_KEY: "a.b.c" } });
    expect(line).toBe(`${detail}. Set ROOMLOG_KEY to a fresh one (roomlog token).`);
  });

  it("can't steer the terminal", () => {
    const detail = "a\u001b[2Jb\u202ec\nd\u009b";
    const error = new RelayRequestError({ code: "x", status: 400, detail });
    const { line, exitCode } = explain(error, "info", context);
    expect(exitCode).toBe(1);
    expect(line).toBe("a\\u001b[2Jb\\u202ec\\u000ad\\u009b (x, HTTP 400)");
  });
});
