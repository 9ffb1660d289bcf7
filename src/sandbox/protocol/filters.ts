// `Filters` of EC2's Describe calls: all filters must fit, one value of each is enough, `*` and `?` are wildcards
// unless a backslash stands before them.

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
    const patterns = Values.map(patternOf);
    return (item: Item) =>
      read(item).some((value) => value !== undefined && patterns.some((each) => fits(value, each)));
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

/** A filter's value, character by character: a text, or a wildcard. */
type Pattern = readonly (string | typeof anyText | typeof anyCharacter)[];

const anyText = Symbol("*");
const anyCharacter = Symbol("?");

function patternOf(value: string): Pattern {
  return [...value.matchAll(/\\?[^]/gu)].map(([found]) => {
    if (found === "*") return anyText;
    if (found === "?") return anyCharacter;
    return found.length > 1 && found.startsWith("\\") ? found.slice(1) : found;
  });
}

/** At most length times length steps: where a text does not fit, only the last `*` takes one character more. */
function fits(text: string, pattern: Pattern): boolean {
  const characters = Array.from(text);
  let [at, next] = [0, 0];
  let star: { readonly next: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = pattern[next];
    if (wanted === anyText) star = { next: ++next, at };
    else if (wanted === anyCharacter || wanted === characters[at]) [at, next] = [at + 1, next + 1];
    else if (star === undefined) return false;
    else [at, next] = [++star.at, star.next];
  }
  return pattern.slice(next).every((each) => each === anyText);
}
