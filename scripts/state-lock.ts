// One relay per state folder: two of them would each run their own copy of a room on one log.
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Another process uses the folder. */
export class StateLockedError extends Error {}

// Held for the life of the process; the operating system lets go of them, even after kill -9.
const locks: DatabaseSync[] = [];

/**
 * Creates the folder if need be and takes it for this process, until it ends.
 *
 * @returns the absolute path
 * @throws {StateLockedError}
 */
export function lockState(folder: string): string {
  const path = resolve(folder);
  mkdirSync(path, { recursive: true });
  // SQLite's file lock, because Node has none of its own and a pid file outlives its process.
  const lock = new DatabaseSync(`${path}/lock`);
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    lock.close();
    if (!String(error).includes("locked")) throw error;
    throw new StateLockedError(`The state folder ${path} is in use by another relay.`);
  }
  locks.push(lock);
  return path;
}
