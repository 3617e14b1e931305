/** An import that is too fast (EMIT-9) is not refused: it waits its turn, and its sender with it. */
import { RelayError } from "../errors.ts";

/** Who would have to wait longer than this, in seconds, is told so, instead of being left hanging. */
const PATIENCE = 60;

/**
 * As `publish`, but `rate_limited` is waited for and tried again: nothing was taken of what was
 * refused. It ends with whatever else that throws, such as `token_expired`.
 */
export function patiently<Request, Published>(
  publish: (request: Request) => Promise<Published>,
): (request: Request) => Promise<Published> {
  return async (request) => {
    for (;;) {
      try {
        return await publish(request);
      } catch (error) {
        const seconds = pauseAfter(error);
        if (seconds === undefined || seconds > PATIENCE) throw error;
        await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
      }
    }
  };
}

function pauseAfter(error: unknown): number | undefined {
  if (!(error instanceof RelayError) || error.code !== "rate_limited") return undefined;
  return Number(error.extra.retryAfter);
}
