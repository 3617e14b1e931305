import { describe, expect, it } from "vitest";
import { readConfig } from "../src/config.ts";
import type { Env } from "../src/env.ts";

/** What stands in the environment, beside the binding that nothing here looks at. */
const read = (variables: Partial<Env> = {}, code = {}) => readConfig({ ...variables } as Env, code);

describe("settings", () => {
  it("have defaults", () => {
    expect(read()).toEqual({
      access: { keys: [], anonymous: [] },
      origins: [],
      errorMessages: false,
      room: {
        format: "args",
        namespaces: ["*"],
        ephemeral: [],
        echo: false,
        recovery: true,
        handlerTimeout: 30_000,
        replayLimit: 100_000,
        presenceGrace: 10_000,
        storageLimit: 9_000_000_000,
        retention: { age: 7 * 86_400_000, events: 100_000, bytes: 256_000_000 },
        limits: {
          sockets: 10_000,
          socketsPerIdentity: 1_000,
          handshakes: 5_000,
          handshakesPerAddress: 1_000,
          namespaces: 16,
          rooms: 256,
          attachments: 10,
          page: 1_000,
          packets: { perSecond: 1_000, burst: 5_000 },
          emits: { perSecond: 2_000, burst: 500_000 },
          roomEmits: { perSecond: 10_000, burst: 2_000_000 },
        },
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
    replayLimit: 2_000,
    presenceGrace: 500,
    storageLimit: 1_000_000,
    keep: { age: 3_600_000, bytes: 5_000 },
    limits: { sockets: 5, emits: { perSecond: 3, burst: 4 } },
  } as const;

  it("a room's code sets them", () => {
    const { room, session } = read({}, code);
    const { retention, limits, ...others } = room;
    const { keep, limits: setLimits, ...set } = code;
    expect({ ...others, ...session, upgradeTimeout: undefined }).toEqual(set);
    // What it leaves open is by default.
    expect(retention).toEqual({ ...keep, events: 100_000 });
    expect(limits).toMatchObject({ ...setLimits, handshakes: 5_000 });
  });

  it("a rate that is set alone has a burst of five seconds' worth, and a burst its rate", () => {
    const { limits } = read({ EMIT_RATE: "7", PACKET_BURST: "9", MAX_SOCKETS: "6" }, code).room;
    expect(limits).toMatchObject({
      sockets: 6,
      emits: { perSecond: 7, burst: 35 },
      packets: { perSecond: 1_000, burst: 9 },
      roomEmits: { perSecond: 10_000, burst: 2_000_000 },
    });
    const all = {
      MAX_SOCKETS_PER_IDENTITY: "1",
      MAX_HANDSHAKES: "2",
      MAX_HANDSHAKES_PER_ADDRESS: "3",
      MAX_NAMESPACES: "4",
      MAX_ROOMS: "5",
      MAX_ATTACHMENTS: "0",
      MAX_PAGE: "6",
      PACKET_RATE: "4",
      PACKET_BURST: "5",
      EMIT_RATE: "6",
      EMIT_BURST: "7",
      ROOM_EMIT_RATE: "8",
      ROOM_EMIT_BURST: "9",
    };
    expect(read(all).room.limits).toEqual({
      sockets: 10_000,
      socketsPerIdentity: 1,
      handshakes: 2,
      handshakesPerAddress: 3,
      namespaces: 4,
      rooms: 5,
      attachments: 0,
      page: 6,
      packets: { perSecond: 4, burst: 5 },
      emits: { perSecond: 6, burst: 7 },
      roomEmits: { perSecond: 8, burst: 9 },
    });
  });

  it("a deployment's variables go before the code's", () => {
    const { room, session } = read(
      {
        NAMESPACES: "/b /c",
        EPHEMERAL: "typing, cursor:*",
        ECHO: "false",
        FORMAT: "args",
        PING_INTERVAL: "10000",
        PING_TIMEOUT: "5000",
        CONNECT_TIMEOUT: "2000",
        MAX_PAYLOAD: "1900000",
        REPLAY_LIMIT: "7",
        PRESENCE_GRACE: "0",
        KEEP_DAYS: "0.5",
        KEEP_EVENTS: "10",
        KEEP_BYTES: "2000000000",
        STORAGE_LIMIT: "9500000000",
      },
      code,
    );
    expect(room).toMatchObject({
      namespaces: ["/b", "/c"],
      ephemeral: ["typing", "cursor:*"],
      echo: false,
      format: "args",
      replayLimit: 7,
      presenceGrace: 0,
      retention: { age: 43_200_000, events: 10, bytes: 2_000_000_000 },
      storageLimit: 9_500_000_000,
    });
    expect(session).toMatchObject({
      pingInterval: 10_000,
      pingTimeout: 5_000,
      connectTimeout: 2_000,
      maxPayload: 1_900_000,
    });
  });

  it.each([
    ["MAX_PAYLOAD", "999"],
    ["PRESENCE_GRACE", "3600001"],
    ["PRESENCE_GRACE", "-1"],
    ["MAX_PAYLOAD", "1900001"],
    ["MAX_PAYLOAD", "1e6"],
    ["MAX_PAYLOAD", ""],
    ["REPLAY_LIMIT", "0"],
    ["MAX_SOCKETS", "0"],
    ["MAX_SOCKETS", "32001"],
    ["MAX_NAMESPACES", "0"],
    ["MAX_NAMESPACES", "65"],
    ["MAX_ROOMS", "0"],
    ["MAX_ROOMS", "1001"],
    ["MAX_ATTACHMENTS", "-1"],
    ["MAX_ATTACHMENTS", "11"],
    ["MAX_PAGE", "0"],
    ["MAX_PAGE", "10001"],
    ["EMIT_RATE", "0"],
    ["EMIT_RATE", "0.5"],
    ["ROOM_EMIT_BURST", "-1"],
    ["KEEP_DAYS", "0"],
    ["KEEP_DAYS", "a week"],
    ["KEEP_EVENTS", "0"],
    ["KEEP_EVENTS", "-5"],
    ["KEEP_BYTES", "1.5"],
    ["STORAGE_LIMIT", "9500000001"],
    ["ECHO", "yes"],
    ["ERROR_MESSAGES", "1"],
    ["CONNECT_TIMEOUT", "49"],
    ["CONNECT_TIMEOUT", "-1"],
    ["CONNECT_TIMEOUT", "9999999999"],
    ["PING_INTERVAL", "soon"],
    ["NAMESPACES", "orders"],
    ["ORIGINS", "page.example"],
    ["ORIGINS", "https://page.example/"],
    ["ORIGINS", "https://page.example/path"],
    ["ORIGINS", "https://Page.example"],
    ["ORIGINS", "https://page.example:443"],
    ["ORIGINS", "https://*.page.example"],
    ["ORIGINS", "localhost:3000"],
    ["FORMAT", "msgpack"],
    ["ANONYMOUS", "admin"],
    ["API_KEYS", '[{"id":"a","hash":"secret-hash"}]'],
    ["JWT_SECRET", "a secret that is too short"],
    ["JWT_SECRET", ""],
    ["JWT_SECRET", `["${"s".repeat(32)}"`],
    ["JWT_SECRET", `["${"s".repeat(32)}","short"]`],
    ["JWT_SECRET", Array.from({ length: 9 }, (_, i) => `${i}${"s".repeat(32)}`).join(" ")],
    ["JWT_JWKS", "{}{"],
    ["JWT_JWKS_URL", "keys.example"],
    ["JWT_JWKS_URL", "http://keys.example/jwks"],
    ["JWT_JWKS_URL", "http://localhost.keys.example/jwks"],
    ["JWT_JWKS_URL", "https://user:password@keys.example/jwks"],
    ["JWT_JWKS_URL", "file:///keys"],
    ["JWT_ALGORITHM", "none"],
    ["JWT_ALGORITHM", "HS512"],
    ["JWT_ISSUER", ""],
    ["JWT_AUDIENCE", ""],
  ])("%s: %j makes no sense; the variable is named, and its value is not", (name, value) => {
    const thrown = () => read({ [name]: value });
    expect(thrown).toThrow(name);
    // A shorter one may be among the words that say what it takes.
    if (value.length > 8) expect(thrown).not.toThrow(value);
  });

  const hash = "0".repeat(64);

  it.each([
    ["MAX_PAGE", "0", "MAX_PAGE: takes a whole number from 1 to 10000."],
    ["MAX_PAYLOAD", "1e6", "MAX_PAYLOAD: takes a whole number from 1000 to 1900000."],
    ["KEEP_BYTES", "9500000001", "KEEP_BYTES: takes a whole number from 0 to 9500000000."],
    ["ANONYMOUS", "admin", "ANONYMOUS: takes one of none, read, write."],
    ["ECHO", "yes", "ECHO: takes true or false."],
    ["ORIGINS", "https://a.example b.example", "ORIGINS, entry 2: takes origins such as https://"],
    ["NAMESPACES", "orders", "NAMESPACES, entry 1: takes namespaces such as /orders"],
    ["JWT_SECRET", "short", "JWT_SECRET, entry 1: takes 1 to 8 secrets of at least 32 bytes"],
    ["JWT_JWKS", "{}{", "JWT_JWKS: takes a JSON Web Key Set."],
    ["JWT_ALGORITHM", "HS512", "with a key set one of ES256, RS256, EdDSA."],
    ["API_KEYS", "backend.s3cret", "API_KEYS: is not JSON; takes a JSON array of the entries"],
    ["API_KEYS", `{"id":"a","hash":"${hash}"}`, "API_KEYS: is no array; takes a JSON array"],
    ["API_KEYS", '["a.s3cret"]', "API_KEYS, entry 1: has to be an object with id and hash"],
    ["API_KEYS", '[{"id":"a"}]', "API_KEYS, entry 1: has to be an object with id and hash"],
    ["API_KEYS", `[{"id":"a","hash":"${hash}","s3cret":1}]`, "entry 1: has to be an object with"],
    ["API_KEYS", '[{"id":"a","hash":"s3cret"}]', "entry 1: has a hash that is not 64 of 0-9 a-f"],
    ["API_KEYS", `[{"id":"a b","hash":"${hash}"}]`, "entry 1: has an id that is not 1 to 64 of"],
    [
      "API_KEYS",
      `[{"id":"a","hash":"${hash}"},{"id":"b","hash":"${hash}","scope":["s3cret"]}]`,
      "entry 2: has a scope that is none of read, write, presence, admin.",
    ],
    ["API_KEYS", `[{"id":"a","hash":"${hash}","rooms":["a/b"]}]`, "entry 1: has a room that is"],
  ])("%s: %j: it is said what it takes", (name, value, said) => {
    const thrown = () => read({ [name]: value });
    expect(thrown).toThrow(said);
    expect(thrown).toThrow(name);
    expect(thrown).toThrow(/\. See docs\/operations\.md, Settings$/);
    expect(thrown).not.toThrow("s3cret");
  });

  it("of several that make no sense each is told, once", () => {
    const thrown = () => read({ API_KEYS: "[{},{}]", MAX_PAGE: "0", EMIT_RATE: "x" });
    expect(thrown).toThrow(/^API_KEYS, entry 1: [^.]*\. MAX_PAGE: [^.]*\. EMIT_RATE: [^.]*\. See /);
  });

  it.each([
    ["", []],
    ["*", ["*"]],
    ["https://app.example http://localhost:3000", ["https://app.example", "http://localhost:3000"]],
    ["capacitor://localhost, null", ["capacitor://localhost", "null"]],
    ["http://[::1]:8080", ["http://[::1]:8080"]],
    ["https://xn--bcher-kva.example", ["https://xn--bcher-kva.example"]],
  ])("AUTH-5 ORIGINS takes %j, as browsers write origins", (ORIGINS, expected) => {
    expect(read({ ORIGINS }).origins).toEqual(expected);
  });

  const [JWT_SECRET, other] = ["s".repeat(32), "é".repeat(16)];
  const JWT_JWKS_URL = "https://keys.example/jwks";
  const key = { kid: "1", kty: "OKP", crv: "Ed25519", x: "A".repeat(43) };
  const JWT_JWKS = JSON.stringify({ keys: [key] });

  it.each<[string, Partial<Env>, string | undefined]>([
    ["a secret", { JWT_SECRET }, undefined],
    ["several", { JWT_SECRET: `${JWT_SECRET} ${other}`, JWT_ALGORITHM: "HS256" }, undefined],
    ["a key set", { JWT_JWKS, JWT_ALGORITHM: "EdDSA" }, undefined],
    ["an address", { JWT_JWKS_URL, JWT_ALGORITHM: "RS256" }, undefined],
    ["a local one", { JWT_JWKS_URL: "http://[::1]:80/", JWT_ALGORITHM: "RS256" }, undefined],
    ["a secret and another algorithm", { JWT_SECRET, JWT_ALGORITHM: "RS256" }, "JWT_ALGORITHM"],
    ["a key set and HS256", { JWT_JWKS, JWT_ALGORITHM: "HS256" }, "JWT_ALGORITHM"],
    ["a key set and no algorithm", { JWT_JWKS }, "JWT_ALGORITHM"],
    ["an address and no algorithm", { JWT_JWKS_URL }, "JWT_ALGORITHM"],
    ["no key of the algorithm", { JWT_JWKS, JWT_ALGORITHM: "RS256" }, "JWT_JWKS"],
    ["no key set", { JWT_JWKS: "[]", JWT_ALGORITHM: "RS256" }, "JWT_JWKS"],
    ["two sources", { JWT_SECRET, JWT_JWKS_URL }, "JWT_JWKS_URL"],
    ["no source", { JWT_ISSUER: "i" }, "JWT_SECRET"],
  ])("AUTH-1 tokens with %s", (_, variables, wrong) => {
    if (wrong === undefined) expect(read(variables).access.tokens).toBeTypeOf("function");
    else expect(() => read(variables)).toThrow(wrong);
  });
});
