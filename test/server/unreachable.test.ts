/** Why the relay can't be reached, in words for whoever set its address. */
import { describe, expect, it } from "vitest";
import { createRelayClient } from "../../src/server.ts";
import { freePort } from "../support/relay-process.ts";
import { breaks, ScriptedServer } from "../support/scripted-server.ts";

const detailOf = (url: string, fails?: unknown) => {
  const fetch = fails === undefined ? undefined : () => Promise.reject(fails);
  const client = createRelayClient({ url, retries: 0, ...(fetch && { fetch }) });
  return client.info("lobby").then(
    () => "reached",
    ({ detail }) => String(detail).replace(`can't reach ${url}: `, ""),
  );
};

const withCode = (code: string) => Object.assign(new Error("read 0A:SSL:x.c:77"), { code });
const failed = (cause: unknown) => new TypeError("fetch failed", { cause });

describe("a relay that can't be reached", () => {
  it("because nothing runs there", async () => {
    const port = await freePort();
    for (const host of ["127.0.0.1", "localhost"]) {
      expect(await detailOf(`http://${host}:${port}`)).toBe("nothing listens there");
    }
  });

  it("because the connection breaks", async () => {
    await using server = await ScriptedServer.start(breaks);
    expect(await detailOf(server.url)).toBe("the connection broke");
  });

  it("because it has no TLS", async () => {
    await using server = await ScriptedServer.start();
    const url = server.url.replace("http:", "https:");
    expect(await detailOf(url)).toBe("no TLS comes about, it may be http:// there");
  });

  it.each([
    ["ECONNREFUSED", "nothing listens there"],
    ["ENOTFOUND", "there is no host of that name"],
    ["EAI_AGAIN", "the host's name can't be looked up now"],
    ["EHOSTUNREACH", "the network has no way there"],
    ["ENETUNREACH", "the network has no way there"],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", "its certificate is not trusted here"],
    ["SELF_SIGNED_CERT_IN_CHAIN", "its certificate is not trusted here"],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "its certificate is not trusted here"],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "its certificate is not trusted here"],
    ["CERT_HAS_EXPIRED", "its certificate has expired"],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "its certificate is for another name"],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "no TLS comes about, it may be http:// there"],
    ["EPROTO", "no TLS comes about, it may be http:// there"],
    ["ECONNRESET", "the connection broke"],
    ["EPIPE", "the connection broke"],
    ["UND_ERR_SOCKET", "the connection broke"],
    ["ETIMEDOUT", "no answer in time"],
    ["UND_ERR_CONNECT_TIMEOUT", "no answer in time"],
    ["UND_ERR_HEADERS_TIMEOUT", "no answer in time"],
    ["HPE_INVALID_CONSTANT", "what answers there speaks no HTTP"],
    ["EMFILE", "EMFILE"],
  ])("because of %s: %s", async (code, words) => {
    expect(await detailOf("http://relay", failed(withCode(code)))).toBe(words);
    expect(await detailOf("http://relay", withCode(code))).toBe(words);
  });

  it("for a reason without a code", async () => {
    expect(await detailOf("http://relay", failed(new Error("bad port")))).toBe("bad port");
    expect(await detailOf("http://relay", new TypeError("it broke"))).toBe("it broke");
    expect(await detailOf("http://relay", "it broke")).toBe("it broke");
  });
});
