/** What an operator sees of a room: counters, points in Analytics Engine, lines in the log. */
import { Points } from "../telemetry/analytics.ts";
import { Counters } from "../telemetry/counters.ts";
import { describeError, writeLine } from "../telemetry/line.ts";
import type { RefusalLine } from "../telemetry/refusals.ts";

/** An index of Analytics Engine may have so many bytes. */
const LONGEST_INDEX = 96;

export class Watch {
  readonly counters = new Counters(Date.now());
  readonly #room: string;
  readonly #dataset: AnalyticsEngineDataset | undefined;
  readonly #errorMessages: boolean;
  readonly #points = new Points();

  /**
   * @param room its name
   * @param dataset where points go, if one is bound
   * @param errorMessages does the log tell what errors say?
   */
  constructor(room: string, dataset: AnalyticsEngineDataset | undefined, errorMessages: boolean) {
    this.#room = room;
    this.#errorMessages = errorMessages;
    this.#dataset = dataset;
  }

  /** @param what failed */
  report(error: unknown, what = "failed"): void {
    const described = describeError(error, this.#errorMessages);
    writeLine({ level: "error", event: what, room: this.#room, ...described });
  }

  refused(line: RefusalLine): void {
    writeLine({ level: "warn", event: "refused", room: this.#room, ...line });
  }

  /** Writes a point, if one is due. Asked whenever the room is awake anyway. */
  writePoint(): void {
    if (this.#dataset === undefined) return;
    const doubles = this.#points.next(this.counters, Date.now());
    if (doubles === undefined) return;
    const indexes = [this.#room.slice(0, LONGEST_INDEX)];
    this.#dataset.writeDataPoint({ indexes, blobs: [this.#room], doubles });
  }
}
