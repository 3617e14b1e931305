import { describe, expect, it } from "vitest";
import { type Env, readConfig } from "../src/env.ts";

/** What stands in the environment, beside the binding that nothing here looks at. */
const read = (variables: Partial<Env> = {}, code = {}) => readConfig({ ...variables } as Env, code);

describe("settings", () => {
  it("have defaults", () => {
    expect(read()).toEqual({
      access: { keys: [], anonymous: [] },
      origins: [],
      format: "args",
      room: {
        namespaces: ["*"],
        ephemeral: [],
        echo: false,
        recovery: true,
        handlerTimeout: 30_000,
      },
      session: {
        pingInterval: 25_000,
        pingTimeout: 20_000,
        connectTimeout: 45_000,
        upgradeTimeout: 10_000,
        maxPayload: 1_000_000,
      },
    });
  });

  const code = {
    namespaces: ["/a"],
    ephemeral: ["wave"],
    echo: true,
    recovery: false,
    format: "envelope",
    pingInterval: 300,
    pingTimeout: 200,
    connectTimeout: 1_000,
    maxPayload: 5_000,
    handlerTimeout: 50,
  } as const;

  it("a room's code sets them", () => {
    const { room, session, format } = read({}, code);
    expect({ ...room, ...session, format, upgradeTimeout: undefined }).toEqual(code);
  });

  it("a deployment's variables go before the code's", () => {
    const { room, session, format } = read(
      {
        NAMESPACES: "/b /c",
        EPHEMERAL: "typing, cursor:*",
        ECHO: "false",
        FORMAT: "args",
        PING_INTERVAL: "10000",
        PING_TIMEOUT: "5000",
        CONNECT_TIMEOUT: "2000",
        MAX_PAYLOAD: "1900000",
      },
      code,
    );
    expect(room).toMatchObject({
      namespaces: ["/b", "/c"],
      ephemeral: ["typing", "cursor:*"],
      echo: false,
    });
    expect(session).toMatchObject({
      pingInterval: 10_000,
      pingTimeout: 5_000,
      connectTimeout: 2_000,
      maxPayload: 1_900_000,
    });
    expect(format).toBe("args");
  });

  it.each([
    ["MAX_PAYLOAD", "999"],
    ["MAX_PAYLOAD", "1900001"],
    ["MAX_PAYLOAD", "1e6"],
    ["MAX_PAYLOAD", ""],
    ["ECHO", "yes"],
    ["CONNECT_TIMEOUT", "49"],
    ["CONNECT_TIMEOUT", "-1"],
    ["CONNECT_TIMEOUT", "9999999999"],
    ["PING_INTERVAL", "soon"],
    ["NAMESPACES", "orders"],
    ["FORMAT", "msgpack"],
    ["ANONYMOUS", "admin"],
    ["API_KEYS", '[{"id":"a","hash":"secret-hash"}]'],
  ])("%s: %j makes no sense; the variable is named, and its value is not", (name, value) => {
    const thrown = () => read({ [name]: value });
    expect(thrown).toThrow(name);
    if (value !== "") expect(thrown).not.toThrow(value);
  });
});
