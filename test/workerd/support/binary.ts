/** Frames of binary packets. */
import type { Client } from "./client.ts";

/** An argument that stands for an attachment. */
export const at = (num: number | string) => `{"_placeholder":true,"num":${num}}`;

export const bytes = (...values: number[]) => new Uint8Array(values).buffer;
export const zeros = (length: number) => new ArrayBuffer(length);

/** JSON text of so many arrays in one another. */
export const deep = (levels: number, inner = "") => "[".repeat(levels) + inner + "]".repeat(levels);

/** The offset in the ack of the packet with id 7, the client's next frame. */
export async function offsetOf(client: Client): Promise<string> {
  const ack = await client.frame();
  const [, offset] = /^437\[\{"offset":"([^"]+)","duplicate":false\}\]$/.exec(ack) ?? [];
  if (offset === undefined) throw new Error(`no ack of a new event: ${ack.slice(0, 200)}`);
  return offset;
}

/** The client's next frames, binary ones as polling writes them. */
export async function frames(client: Client, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) taken.push(await client.frame());
  return taken;
}
