// The port that checks an account before a run launches anything there. It creates and changes nothing.

import type { DoctorCheck } from "../../domain/doctor-check.ts";

export interface DoctorRequest {
  /** Instance profile of later launches. */
  readonly instanceProfile?: string;
  /** Subnet of later launches; absent: a default subnet. */
  readonly subnet?: string;
}

export interface Doctor {
  readonly region: string;
  /** Yields the outcome of each check as soon as it is known. */
  checks(request: DoctorRequest): AsyncIterable<DoctorCheck>;
}
