// What went over the wire, a line of JSON an exchange: for tests that hold it against the services' own models.

import { openSync, writeSync } from "node:fs";
import type { ServiceName } from "./signature.ts";

export interface Exchange {
  readonly service: ServiceName;
  readonly action: string;
  readonly status: number;
  /** As it came: EC2's form, SSM's JSON. */
  readonly request: string;
  /** As it went: XML, JSON. */
  readonly reply: string;
}

/** Writes each exchange to the end of `path`, which only this user may read. Commands and user-data are in it. */
export function openWireLog(path: string): (exchange: Exchange) => void {
  const file = openSync(path, "a", 0o600);
  return (exchange) => void writeSync(file, `${JSON.stringify(exchange)}\n`);
}
