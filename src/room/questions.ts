/** Events that the room sends to one socket and awaits an answer to. They live in memory only. */
import { fillIn } from "../protocol/attachments.ts";
import type { AckPacket } from "../protocol/socket.ts";
import type { Socket } from "../session/socket.ts";

type Question = {
  readonly socket: Socket;
  answer(args: readonly unknown[]): void;
  fail(error: Error): void;
};

export class Questions {
  readonly #open = new Map<string, Question>();
  #nextId = 0;

  /**
   * Sends a question with `send`, which gets its ack id.
   * @returns the answer's arguments; rejects after `timeout` milliseconds, or when the socket is gone
   */
  ask(socket: Socket, timeout: number, send: (ackId: number) => void): Promise<readonly unknown[]> {
    const ackId = this.#nextId++;
    return new Promise((resolve, reject) => {
      const close = () => {
        clearTimeout(timer);
        this.#open.delete(String(ackId));
      };
      const fail = (error: Error) => {
        close();
        reject(error);
      };
      const answer = (args: readonly unknown[]) => {
        close();
        resolve(args);
      };
      const timer = setTimeout(() => fail(new Error("operation has timed out")), timeout);
      this.#open.set(String(ackId), { socket, answer, fail });
      send(ackId);
    });
  }

  /** An ack came. One that nobody waits for is ignored. */
  answer(socket: Socket, { ackId, args, attachments }: AckPacket): void {
    const question = this.#open.get(ackId ?? "");
    if (question?.socket === socket) question.answer(fillIn(args, attachments));
  }

  /** The socket is gone: it will not answer any more. */
  drop(socket: Socket): void {
    if (this.#open.size === 0) return;
    for (const question of this.#open.values()) {
      if (question.socket === socket) question.fail(new Error("socket has been disconnected"));
    }
  }
}
