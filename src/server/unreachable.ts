/** Why no answer came, in words: what Node says is for those who know its insides. */

/** By the code of what went wrong, of Node, OpenSSL or undici. The first that fits. */
const WORDS: readonly (readonly [code: RegExp, words: string])[] = [
  [/^ECONNREFUSED$/, "nothing listens there"],
  [/^ENOTFOUND$/, "there is no host of that name"],
  [/^EAI_AGAIN$/, "the host's name can't be looked up now"],
  [/^E(HOST|NET)UNREACH$/, "the network has no way there"],
  [/^CERT_HAS_EXPIRED$/, "its certificate has expired"],
  [/^ERR_TLS_CERT_ALTNAME/, "its certificate is for another name"],
  [/CERT|LEAF_SIGNATURE/, "its certificate is not trusted here"],
  [/^ERR_SSL_|^EPROTO$/, "no TLS comes about, it may be http:// there"],
  [/^ECONNRESET$|^EPIPE$|^UND_ERR_SOCKET$/, "the connection broke"],
  [/TIMEDOUT$|^UND_ERR_.*_TIMEOUT$/, "no answer in time"],
  [/^HPE_/, "what answers there speaks no HTTP"],
];

/** @param error what `fetch` threw; Node's has the reason in its cause */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const reason = error.cause instanceof Error ? error.cause : error;
  if (!("code" in reason) || typeof reason.code !== "string") return reason.message;
  const { code } = reason;
  return WORDS.find(([pattern]) => pattern.test(code))?.[1] ?? code;
}
