import { createHash, generateKeyPairSync } from "node:crypto";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { AUDIENCE, ISSUER, SECRET, type SigningKey, secretKey } from "./test/support/tokens.ts";
import { KEYS } from "./test/workerd/support/keys.ts";

const timeouts = { testTimeout: 20_000, hookTimeout: 20_000 };

/** The keys of the tests, as a deployment has them: by their hash. */
const API_KEYS = JSON.stringify(
  KEYS.map(({ secret, ...key }) => ({
    ...key,
    hash: createHash("sha256").update(`${key.id}.${secret}`).digest("hex"),
  })),
);

/** A key pair of an issuer of tokens, new each time. */
const PAIR = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const PRIVATE_KEY: SigningKey = {
  alg: "RS256",
  kid: "rs-1",
  jwk: PAIR.privateKey.export({ format: "jwk" }),
};
const JWKS = { keys: [{ ...PAIR.publicKey.export({ format: "jwk" }), kid: "rs-1" }] };

/** What the issuer of the tests' tokens is expected to say, and with what the tests sign. */
const tokens = (key: SigningKey) => ({
  JWT_ISSUER: ISSUER,
  JWT_AUDIENCE: AUDIENCE,
  SIGNING_KEY: JSON.stringify(key),
});

/** The Worker in the real runtime, configured by `bindings`. */
function workerd(
  name: string,
  include: string[],
  bindings: Record<string, string>,
  configPath = "./wrangler.toml",
  optional: object = {},
) {
  return {
    plugins: [
      cloudflareTest({
        wrangler: { configPath },
        miniflare: { bindings, ...optional },
      }),
    ],
    test: { ...timeouts, name, include },
  };
}

/** How the model's runs in workerd are to be repeated, from the environment. */
function modelSettings(): Record<string, string> {
  const given = Object.entries(process.env).filter(([name]) => name.startsWith("MODEL_"));
  return Object.fromEntries(given) as Record<string, string>;
}

export default defineConfig({
  test: {
    // What the relay logs of a bad input is only of interest where a test fails.
    silent: "passed-only",
    // Many tests wait for a relay or a client: a core kept free is one that idles.
    maxWorkers: "100%",
    projects: [
      {
        test: {
          ...timeouts,
          name: "node",
          environment: "node",
          include: ["test/**/*.test.ts"],
          exclude: ["test/workerd/**"],
        },
      },
      {
        test: {
          ...timeouts,
          name: "examples",
          environment: "node",
          include: ["examples/*/test/**/*.test.ts"],
          expect: { poll: { timeout: 10_000 } },
          // One after the other, and after all else: each builds a Worker of its own.
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
      workerd("workerd", ["test/workerd/*.test.ts"], {
        ANONYMOUS: "write",
        ORIGINS: "*",
        NAMESPACES: "/orders",
        EPHEMERAL: "typing cursor:*",
      }),
      workerd("workerd-model", ["test/workerd/model/*.test.ts"], {
        ...{ ANONYMOUS: "write", ORIGINS: "*", NAMESPACES: "/orders", EPHEMERAL: "whisper" },
        // Few enough that they are trimmed again and again.
        KEEP_EVENTS: "30",
        ...modelSettings(),
      }),
      workerd("workerd-keys", ["test/workerd/keys/*.test.ts"], { API_KEYS }),
      workerd("workerd-secret", ["test/workerd/tokens/*.test.ts"], {
        JWT_SECRET: `${SECRET} another-secret-as-while-secrets-are-rotated`,
        API_KEYS,
        ...tokens(secretKey(SECRET)),
      }),
      workerd("workerd-jwks", ["test/workerd/tokens/*.test.ts"], {
        JWT_JWKS: JSON.stringify(JWKS),
        JWT_ALGORITHM: "RS256",
        ...tokens(PRIVATE_KEY),
      }),
      workerd("workerd-read", ["test/workerd/read/*.test.ts"], { API_KEYS, ANONYMOUS: "read" }),
      workerd("workerd-closed", ["test/workerd/closed/*.test.ts"], {}),
      workerd(
        "workerd-code",
        ["test/workerd/code/*.test.ts"],
        { API_KEYS, ANONYMOUS: "write", ORIGINS: "*" },
        "./test/workerd/code/wrangler.toml",
      ),
      workerd(
        "workerd-limits",
        ["test/workerd/limits/*.test.ts"],
        {
          API_KEYS,
          ANONYMOUS: "write",
          NAMESPACES: "/orders",
          MAX_SOCKETS: "3",
          MAX_HANDSHAKES: "4",
          MAX_HANDSHAKES_PER_ADDRESS: "2",
          MAX_NAMESPACES: "2",
          MAX_ROOMS: "3",
          MAX_ATTACHMENTS: "2",
          MAX_PAGE: "2",
          PACKET_RATE: "10",
          PACKET_BURST: "50",
          EMIT_RATE: "2",
          EMIT_BURST: "20",
        },
        "./wrangler.toml",
        {
          ratelimits: { RATE_LIMITER: { namespace_id: "1", simple: { limit: 5, period: 60 } } },
          analyticsEngineDatasets: { ANALYTICS: { dataset: "roomlog" } },
        },
      ),
    ],
  },
});
