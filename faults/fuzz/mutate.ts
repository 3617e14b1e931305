// Changes an input a little: what reached something new may reach more.
import type { Random } from "../../test/support/random.ts";
import { credential } from "./credentials.ts";
import { packet, randomSteps } from "./grammar.ts";
import { type Input, NAMES, type PacketInput, type Step } from "./input.ts";
import { mutateRequest } from "./request-grammar.ts";

const PIECES = [
  "",
  "[",
  "]",
  "{",
  "}",
  '"',
  ",",
  "/",
  "-",
  "0",
  "1",
  "9",
  " ",
  "\\",
  "\\u0000",
  "\x1e",
  "\ufeff",
  "\ud800",
  "语",
  "null",
  "1e9",
  '{"_placeholder":true,"num":0}',
  ...NAMES,
] as const;

/** What is longer takes long, and teaches little more. */
const LONGEST = 10_000;

/** One piece more, less, or another. */
export function mutateText(random: Random, text: string): string {
  // UTF-8 has no lone surrogates: none ever comes.
  return changed(random, text.slice(0, LONGEST)).toWellFormed();
}

function changed(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  switch (random.below(4)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1 + random.below(4));
    case 1: {
      const from = random.below(text.length + 1);
      return text.slice(0, at) + text.slice(from, from + random.below(20)) + text.slice(at);
    }
    default:
      return text.slice(0, at) + pick(random, PIECES) + text.slice(at + random.below(2));
  }
}

/** @param other another input, of which a part may be taken over */
export function mutate(random: Random, input: Input, other: Input): Input {
  if (input.kind === "request") return mutateRequest(random, input);
  return mutatePackets(random, input, other);
}

function mutatePackets(random: Random, input: PacketInput, other: Input): PacketInput {
  const steps = [...input.steps];
  const at = random.below(steps.length + 1);
  switch (random.below(8)) {
    case 0:
      steps.splice(at, 1);
      break;
    case 1:
      steps.splice(at, 0, ...randomSteps(random, input.transport));
      break;
    case 2:
      steps.splice(at, 0, ...steps.slice(at, at + 1));
      break;
    case 3:
      if (other.kind === "packets") steps.splice(at, steps.length, ...other.steps);
      break;
    case 4:
      return { ...input, transport: input.transport === "polling" ? "websocket" : "polling" };
    case 5:
      return { ...input, format: input.format === "args" ? "envelope" : "args" };
    default: {
      const step = steps[at];
      if (step !== undefined) steps[at] = mutateStep(random, step);
    }
  }
  // What only grows takes ever longer.
  return { ...input, steps: steps.slice(0, 12) };
}

function mutateStep(random: Random, step: Step): Step {
  switch (step.do) {
    case "send":
      return { ...step, text: mutateText(random, withOther(random, step.text)) };
    case "post":
      return { ...step, body: mutateText(random, step.body) };
    case "bytes":
      return { ...step, base64: Buffer.from(mutateText(random, step.base64)).toString("base64") };
    case "probe":
      return { ...step, texts: [...step.texts, packet(random)] };
    default:
      return step;
  }
}

/** Another credential, now and then, where there is one. */
export function withOther(random: Random, text: string): string {
  if (!text.includes("$KEY-") && !text.includes("$TOKEN-")) return text;
  return random.below(2) === 0 ? text : text.replace(/\$(?:KEY|TOKEN)-\w+/, credential(random));
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.below(items.length)] as T;
}
