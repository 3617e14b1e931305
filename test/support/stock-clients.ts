// The stock clients of the years, and what all of them have in common.
import { io as io48 } from "socket.io-client";
import { io as io40 } from "socket.io-client-4.0";
import { io as io45 } from "socket.io-client-4.5";
import { io as io46 } from "socket.io-client-4.6";
import { io as io47 } from "socket.io-client-4.7";
import { SETTING_NAMES } from "../smoke/settings.ts";

export type StockClient = {
  readonly connected: boolean;
  readonly recovered?: boolean;
  readonly io: {
    readonly engine: { readonly transport: { readonly name: string }; close(): void };
  };
  auth: object;
  on(name: string, listener: (...args: never[]) => void): unknown;
  once(name: string, listener: (...args: never[]) => void): unknown;
  emit(name: string, ...args: unknown[]): unknown;
  disconnect(): unknown;
};

export type Connect = (url: string, options: object) => StockClient;

/** From 4.6 on a client keeps its place by itself. */
const VERSIONS = [
  { version: "4.0", connect: io40 as unknown as Connect, resumes: false },
  { version: "4.5", connect: io45 as unknown as Connect, resumes: false },
  { version: "4.6", connect: io46 as unknown as Connect, resumes: true },
  { version: "4.7", connect: io47 as unknown as Connect, resumes: true },
  { version: "4.8", connect: io48 as unknown as Connect, resumes: true },
] as const;

/** Each version in each transport setting. */
export const STOCK_CLIENTS = VERSIONS.flatMap((client) =>
  SETTING_NAMES.map((setting) => ({ ...client, setting })),
);

/** The arguments of the next event of this name. */
export function once(client: StockClient, name: string): Promise<unknown[]> {
  return new Promise((resolve) => {
    client.once(name, (...args: unknown[]) => resolve(args));
  });
}

/** Emits, and gives what it is acked with. */
export function emit(client: StockClient, name: string, ...args: unknown[]): Promise<unknown> {
  return new Promise((resolve) => {
    client.emit(name, ...args, resolve);
  });
}
