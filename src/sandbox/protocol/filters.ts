// `Filters` of EC2's Describe calls: all filters must fit, one value of each is enough, `*` and `?` are wildcards
// unless a backslash stands before them.

import { fitsWildcards, parseWildcards } from "../../domain/wildcards.ts";
import { ServiceError } from "./service-error.ts";

export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

/** For each filter's name, what an item has to be compared with it. */
export type FilterFields<Item> = Readonly<Record<string, (item: Item) => readonly (string | undefined)[]>>;

/** `tags`, where given, serves `tag:KEY` and `tag-key`. */
export function applyFilters<Item>(
  items: readonly Item[],
  filters: readonly Filter[] | undefined,
  fields: FilterFields<Item>,
  tags?: (item: Item) => ReadonlyMap<string, string>,
): Item[] {
  const tests = (filters ?? []).map(({ Name = "", Values = [] }) => {
    if (Values.length > 200) throw new ServiceError("FilterLimitExceeded", `the filter '${Name}' has over 200 values`);
    const read = reader(Name, fields, tags);
    const patterns = Values.map(parseWildcards);
    return (item: Item) =>
      read(item).some((value) => value !== undefined && patterns.some((each) => fitsWildcards(value, each)));
  });
  return items.filter((item) => tests.every((test) => test(item)));
}

function reader<Item>(
  name: string,
  fields: FilterFields<Item>,
  tags: ((item: Item) => ReadonlyMap<string, string>) | undefined,
): (item: Item) => readonly (string | undefined)[] {
  if (tags !== undefined && name === "tag-key") return (item) => [...tags(item).keys()];
  if (tags !== undefined && name.startsWith("tag:")) return (item) => [tags(item).get(name.slice(4))];
  const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (field === undefined) throw new ServiceError("InvalidParameterValue", `The filter '${name}' is invalid`);
  return field;
}
