// The port that lists the instance types of a region.

/** An instance type, as EC2 describes it. */
export interface InstanceType {
  readonly name: string;
  readonly arch: "x86_64" | "arm64";
  readonly vcpus: number;
  /** Absent where the cloud does not report it. */
  readonly cores?: number;
  readonly threads_per_core?: number;
  readonly memory_mib: number;
  /** Whether its speed depends on CPU credits. */
  readonly burstable: boolean;
  /** CPU manufacturer as the cloud names it, `AWS` or `Intel`; absent where it names none. */
  readonly manufacturer?: string;
}

/** Lists the instance types of a region. */
export interface InstanceTypes {
  readonly region: string;
  /** Returns the types of the current generation whose names begin with `prefix`, by family and size. */
  list(prefix: string): Promise<readonly InstanceType[]>;
  /**
   * Returns the types of all generations whose names fit one of `patterns`, by family and size. `*` stands for any text,
   * `?` for one character.
   */
  fitting(patterns: readonly string[]): Promise<readonly InstanceType[]>;
}
