// The contents of a table before it is drawn: texts, marks and numbers. Only the width is left to decide.

export interface TableView {
  readonly header: string;
  readonly sides: readonly string[];
  /** The sides except the baseline. */
  readonly contenders: readonly string[];
  /** By side: the head of its columns, where that is not its name. */
  readonly heads: Readonly<Record<string, string>>;
  /** Whether no speedup can have an interval. The heads then say so once. */
  readonly bare: boolean;
  readonly showValues: boolean;
  /**
   * `stacked`: one line for each side below each row, with its time and its speedup. Absent: a column for each side.
   */
  readonly layout?: "stacked";
  /** Whether the sides are commands. */
  readonly commands?: boolean;
  /** The side that the others are compared with. */
  readonly baseline?: string;
  /** Whether the run goes on, so that there are no intervals yet. */
  readonly soFar?: boolean;
  /** Whether speedups have their contender's name even where there is only one: the table is then one of several. */
  readonly named?: boolean;
  /** Heads of the columns of factors; absent where the table has none. */
  readonly factors?: readonly string[];
  readonly groups: readonly RowGroup[];
  /** Geometric means over several groups. */
  readonly overall: readonly TableLine[];
  readonly footer: readonly string[];
  /** The line below the footer: the fastest command. */
  readonly closing?: string;
  /** Last lines: the answer of the gate, and of each of its limits. */
  readonly gate?: readonly string[];
}

export interface RowGroup {
  readonly title: string;
  readonly lines: readonly TableLine[];
}

export interface TableLine {
  readonly label: string;
  /** The rest of the label where the implementation is in a title. */
  readonly short: string;
  /** The implementation, where the label holds it. */
  readonly impl?: string;
  /** By side. */
  readonly cells: Readonly<Record<string, { readonly real: CellView; readonly cpu: CellView }>>;
  /** By contender. */
  readonly speedups: Readonly<Record<string, { readonly real: SpeedupView; readonly cpu: SpeedupView }>>;
  /** By contender: the factors of the speedup in CPU time, in the order of the columns of `factors` of the view. */
  readonly factors?: Readonly<Record<string, readonly string[]>>;
}

export interface CellView {
  readonly time_s: number | null;
  /** `fail`, `t/o`, `!`, `-`, `short`, or an empty text. */
  readonly mark: string;
  /** Least and greatest kept run. Seconds. */
  readonly range_s?: readonly [min: number, max: number];
  /** The ends of the 95 % interval of the median, for a side of one machine. Seconds. */
  readonly interval_s?: readonly [lo: number, hi: number];
}

export interface SpeedupView {
  readonly value: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly verdict: string;
  /** The text where there is no value. */
  readonly instead: string;
  /** `†1`, `‡`: explained in the footer. */
  readonly marks: readonly string[];
}
