// All scenarios, in the order in which they run.
import type { Scenario } from "../scenario.ts";
import { gap } from "./gap.ts";
import { kills } from "./kills.ts";
import { order } from "./order.ts";

export const scenarios: readonly Scenario[] = [order, kills, gap];
