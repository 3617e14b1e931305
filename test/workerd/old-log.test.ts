/** Logs that earlier versions made, on the storage of a real object. */
import { runInDurableObject } from "cloudflare:test";
import { storageSql } from "../../src/platform/sql-driver.ts";
import { migrating } from "../contract/log-migrating.ts";
import { newRoom, stubOf } from "./support/rooms.ts";

migrating((test) =>
  runInDurableObject(stubOf(newRoom()), (_, { storage }) => test(storageSql(storage))),
);
