// What a row is called: by its title, with its implementation and driver where the title alone would be two rows.

import type { ComparedRow } from "../analysis/comparison.ts";
import { shownTitle } from "../domain/command.ts";
import { titleOf, type Told } from "./told.ts";

export interface RowName {
  readonly title: string;
  /** Empty where the title is enough. */
  readonly impl: string;
}

export function rowName(told: Told, row: ComparedRow): RowName {
  const alike = told.comparison.rows.filter((other) => other.suite === row.suite && other.row === row.row);
  const twins = alike.filter((other) => other.impl === row.impl);
  const impl = [...(alike.length > 1 ? [row.impl] : []), ...(twins.length > 1 ? [row.driver] : [])].join(" ");
  return { title: shownTitle(titleOf(told, row) ?? row.row), impl };
}
