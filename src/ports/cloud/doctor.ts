// Whoever looks at an account before anything is launched there. Nothing is created, nothing is changed.

import type { DoctorCheck } from "../../domain/doctor-check.ts";

export interface DoctorRequest {
  /** The profile that machines are to be launched with. */
  readonly instanceProfile?: string;
  /** Where they are to be launched; else a default one. */
  readonly subnet?: string;
}

export interface Doctor {
  readonly region: string;
  /** Tells of each check as it is done. */
  checks(wish: DoctorRequest): AsyncIterable<DoctorCheck>;
}
