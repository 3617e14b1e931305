// Which settings the Worker gets when it runs on this machine.

/** The settings that are taken from the environment. */
const NAMES = [
  "API_KEYS",
  "JWT_SECRET",
  "JWT_JWKS",
  "JWT_JWKS_URL",
  "JWT_ALGORITHM",
  "JWT_ISSUER",
  "JWT_AUDIENCE",
  "PING_INTERVAL",
  "PING_TIMEOUT",
  "ANONYMOUS",
  "ORIGINS",
  "NAMESPACES",
  "EPHEMERAL",
  "FORMAT",
  "CONNECT_TIMEOUT",
  "MAX_PAYLOAD",
  "ECHO",
  "KEEP_DAYS",
  "KEEP_EVENTS",
  "KEEP_BYTES",
  "STORAGE_LIMIT",
  "REPLAY_LIMIT",
  "PRESENCE_GRACE",
  "ERROR_MESSAGES",
  "MAX_SOCKETS",
  "MAX_SOCKETS_PER_IDENTITY",
  "MAX_HANDSHAKES",
  "MAX_HANDSHAKES_PER_ADDRESS",
  "MAX_NAMESPACES",
  "MAX_ROOMS",
  "MAX_ATTACHMENTS",
  "MAX_PAGE",
  "PACKET_RATE",
  "PACKET_BURST",
  "EMIT_RATE",
  "EMIT_BURST",
  "ROOM_EMIT_RATE",
  "ROOM_EMIT_BURST",
] as const;

/**
 * Open to everyone, and with errors told in full, as suits a machine of one's own, unless the
 * environment says otherwise.
 *
 * @param env usually `process.env`
 */
export function localSettings(env: Record<string, string | undefined>): Record<string, string> {
  const settings: Record<string, string> = {
    ANONYMOUS: "write",
    ORIGINS: "*",
    ERROR_MESSAGES: "true",
  };
  for (const name of NAMES) {
    const value = env[name];
    if (value !== undefined) settings[name] = value;
  }
  return settings;
}
