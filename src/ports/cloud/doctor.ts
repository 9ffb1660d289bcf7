// The port that checks an account before anything is launched there. It creates and changes nothing.

import type { DoctorCheck } from "../../domain/doctor-check.ts";

export interface DoctorRequest {
  /** The instance profile that machines will be launched with. */
  readonly instanceProfile?: string;
  /** The subnet that they will be launched in; absent: a default one. */
  readonly subnet?: string;
}

export interface Doctor {
  readonly region: string;
  /** Yields each check's outcome as it is known. */
  checks(wish: DoctorRequest): AsyncIterable<DoctorCheck>;
}
