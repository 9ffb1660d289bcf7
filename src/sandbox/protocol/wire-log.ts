// Logs each request and response as a line of JSON, for tests that compare them with the services' own models.

import { openSync, writeSync } from "node:fs";
import type { ServiceName } from "./signature.ts";

export interface Exchange {
  readonly service: ServiceName;
  readonly action: string;
  readonly status: number;
  /** The request's body: EC2's form, SSM's JSON. */
  readonly request: string;
  /** The response's body: XML, JSON. */
  readonly reply: string;
}

/** Writes each exchange to the end of `path`, which only this user may read. Commands and user-data are in it. */
export function openWireLog(path: string): (exchange: Exchange) => void {
  const file = openSync(path, "a", 0o600);
  return (exchange) => void writeSync(file, `${JSON.stringify(exchange)}\n`);
}
