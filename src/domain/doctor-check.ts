// One check of `doctor`: whether a requirement of runs is met, and what to do where it is not.

export interface DoctorCheck {
  readonly name: string;
  readonly state: "ok" | "missing" | "unknown";
  /** What was found; lower case, without a full stop. */
  readonly found: string;
  /** What the user can do about it. */
  readonly todo?: string;
  /** Whether runs on launched machines fail where the check does. */
  readonly needed: boolean;
}
