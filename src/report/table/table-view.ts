// What the table shows, before it is drawn: texts, marks and numbers, nothing left to decide but the width.

export interface TableView {
  readonly header: string;
  readonly sides: readonly string[];
  /** The sides but the baseline. */
  readonly contenders: readonly string[];
  /** By side: what stands above its columns, where that is not its name. */
  readonly heads: Readonly<Record<string, string>>;
  /** Whether no speedup can have an interval: then the heads say so, once. */
  readonly bare: boolean;
  readonly showValues: boolean;
  /** One line a side below each row, its time and its speedup beside it; absent: a column a side. */
  readonly layout?: "stacked";
  /** Whether the sides are commands. */
  readonly commands?: boolean;
  /** The side that the others are compared with. */
  readonly baseline?: string;
  /** Whether the run goes on, so that there are no intervals yet. */
  readonly soFar?: boolean;
  /** Whether speedups bear their contender's name even where there is but one: where it is one of several tables. */
  readonly named?: boolean;
  readonly groups: readonly RowGroup[];
  /** Geometric means over several groups. */
  readonly overall: readonly TableLine[];
  readonly footer: readonly string[];
  /** What the table comes to: its last line. */
  readonly closing?: string;
}

export interface RowGroup {
  readonly title: string;
  readonly lines: readonly TableLine[];
}

export interface TableLine {
  readonly label: string;
  /** What of the label stays where the implementation is in a title. */
  readonly short: string;
  /** The implementation, where the label holds it. */
  readonly impl?: string;
  /** By side. */
  readonly cells: Readonly<Record<string, { readonly real: CellView; readonly cpu: CellView }>>;
  /** By contender. */
  readonly speedups: Readonly<Record<string, { readonly real: SpeedupView; readonly cpu: SpeedupView }>>;
}

export interface CellView {
  readonly time_s: number | null;
  /** `fail`, `t/o`, `!`, `-`, `short`, or nothing. */
  readonly mark: string;
  /** Least and greatest kept run. Seconds. */
  readonly range_s?: readonly [min: number, max: number];
  /** Ends of the 95 % interval of the median, of a side of one machine. Seconds. */
  readonly interval_s?: readonly [lo: number, hi: number];
}

export interface SpeedupView {
  readonly value: number | null;
  readonly lo: number | null;
  readonly hi: number | null;
  readonly verdict: string;
  /** What stands where there is no value. */
  readonly instead: string;
  /** `†1`, `‡`: explained in the footer. */
  readonly marks: readonly string[];
}
