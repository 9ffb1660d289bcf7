// What `doctor` looked at: whether it is as a run needs it, and what to do where it is not.

export interface DoctorCheck {
  readonly name: string;
  readonly state: "ok" | "missing" | "unknown";
  /** What was found; lower case, without a full stop. */
  readonly found: string;
  /** What to do about it. */
  readonly todo?: string;
  /** Whether runs on launched machines fail without it. */
  readonly needed: boolean;
}
