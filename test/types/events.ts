// The events of the type tests, written as users of Socket.IO write them. Nothing here runs:
// `tsc -b` is the test, and each `@ts-expect-error` has to be a real one.
import type { RoomEvents } from "roomlog";

export interface ServerToClient {
  message: (message: { from: string; text: string }) => void;
  moved: (x: number, y: number, why?: string) => void;
  plain: () => void;
  picture: (bytes: Uint8Array) => void;
  question: (text: string, answer: (choice: "yes" | "no") => void) => void;
}

export interface ClientToServer {
  say: (text: string, done: (stored: { offset: string }) => void) => void;
  move: (x: number, y: number) => void;
  count: (done: (n: number, unit: string) => void) => void;
  maybe: (id: number, done?: (found: boolean) => void) => void;
  plain: () => void;
}

export interface Data {
  nick: string;
  visits: number;
}

export interface ByInterface extends RoomEvents {
  ServerToClient: ServerToClient;
  ClientToServer: ClientToServer;
  Data: Data;
}

/** The same from type aliases. */
export type ByAlias = {
  ServerToClient: {
    message: (message: { from: string; text: string }) => void;
    question(text: string, answer: (choice: "yes" | "no") => void): void;
  };
  ClientToServer: { say(text: string, done: (stored: { offset: string }) => void): void };
  Data: { nick: string };
};

/** Fails to compile unless both are the same type. */
export function same<A, B>(
  ..._proof: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]
): void {}
