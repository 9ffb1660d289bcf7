// Says which rows of a run have a result, for formats that show its trials alone: nothing is compared.

import { cellOf } from "../analysis/comparison/cells.ts";
import type { Comparison } from "../analysis/comparison/comparison.ts";
import { hasResult } from "../analysis/comparison/has-result.ts";
import { JudgedRecords } from "../analysis/comparison/kept-records.ts";
import { pairedRows } from "../analysis/comparison/paired-rows.ts";
import { leftOutOf } from "../analysis/comparison/table-notes.ts";
import { RecordColumns } from "../domain/records/record-columns.ts";
import type { ReportInput } from "./report-input.ts";
import { pairingOf } from "./pairing.ts";
import { withoutUnpaid } from "./record-counts.ts";

/** Returns whether each of `sides` has a result for every row that ran there, and the runs of `sides` that are left out. */
export function resultsOfRun(
  input: ReportInput,
  sides: readonly string[],
): Pick<Comparison, "left_out"> & { readonly isComplete: boolean } {
  const { columns } = withoutUnpaid(RecordColumns.from(input.records));
  const rows = pairedRows(new JudgedRecords(columns), pairingOf({ ...input, columns })).map((row) => ({
    cells: Object.fromEntries(sides.map((side) => [side, { real: cellOf(row.sides.get(side) ?? [], "real") }])),
  }));
  const cells = rows.flatMap((row) => sides.flatMap((side) => row.cells[side]?.real ?? []));
  return { isComplete: hasResult({ rows }, sides), left_out: leftOutOf(cells) };
}
