// What an account's region has to launch.

/** An instance type, as EC2 describes it. */
export interface InstanceType {
  readonly name: string;
  readonly arch: "x86_64" | "arm64";
  readonly vcpus: number;
  /** Absent where the cloud does not say. */
  readonly cores?: number;
  readonly threads_per_core?: number;
  readonly memory_mib: number;
  /** Its speed depends on credits. */
  readonly burstable: boolean;
  /** As the cloud names it: `AWS`, `Intel`; absent where it does not. */
  readonly manufacturer?: string;
}

/** What a region has to launch. */
export interface InstanceTypes {
  readonly region: string;
  /** Those of the current generation whose name begins with `prefix`, by family and size. */
  list(prefix: string): Promise<readonly InstanceType[]>;
}
