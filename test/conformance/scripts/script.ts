/** What is played against both servers. */
import type { ServerName } from "../support/server.ts";
import type { Stage } from "../support/stage.ts";

export type Script = {
  readonly name: string;
  /** The rule that says what Roomlog does. */
  readonly rule: string;
  readonly server: ServerName;
  play(stage: Stage): Promise<void>;
};
