// Of the structures in the schemas of AWS's SDK, the fields that timetrial names: most of EC2's it never looks at.

/** The operators and brackets of a schema's text that matter to where an element of a list ends. */
const tokens = /"(?:\\.|[^"\\])*"|`[^`]*`|[[\](){},]/g;

/**
 * `text`, a module of schemas, without the fields of structures whose name `isUsed` denies. The SDK reads and writes no other
 * field than those of the schema. Structures of errors stay whole: the SDK itself looks at their fields.
 * @throws Error where the module has no structure, or one of another form
 */
export function withUsedFields(text, isUsed) {
  const values = new Map([...text.matchAll(/^const (\w+) = "([^"\n]*)";$/gm)].map(([, name, value]) => [name, value]));
  let count = 0;
  const short = text.replace(/^(export var \w+\$ = \[3, [\s\S]*?\n?\]);$/gm, (_, statement) => {
    count += 1;
    const [start] = /^[^=]*= /.exec(statement);
    const [kind, space, name, traits, fields, schemas, required = "0", ...others] = elementsOf(
      statement.slice(start.length),
    );
    const [names, types] = [elementsOf(fields), elementsOf(schemas)];
    if (others.length > 0 || names.length !== types.length || names.some((each) => !values.has(each)))
      throw new Error(`expected [3, namespace, name, traits, names, schemas, required], got ${statement}`);
    const kept = names.flatMap((each, n) => (isUsed(values.get(each)) ? [n] : []));
    const list = (all) => `[${kept.map((n) => all[n]).join(", ")}]`;
    // The required fields come first.
    const stillRequired = kept.filter((n) => n < Number(required)).length;
    return `${start}[${[kind, space, name, traits, list(names), list(types), stillRequired].join(", ")}];`;
  });
  if (count === 0) throw new Error("found no structure");
  return short;
}

/** The elements of the list that `text` is, in brackets. */
function elementsOf(text) {
  if (text === undefined || !text.startsWith("[") || !text.endsWith("]"))
    throw new Error(`expected a list, got ${text}`);
  const inner = text.slice(1, -1);
  const found = [];
  let depth = 0;
  let from = 0;
  for (const { 0: token, index } of inner.matchAll(tokens)) {
    if ("[({".includes(token)) depth += 1;
    else if ("])}".includes(token)) depth -= 1;
    else if (token === "," && depth === 0) {
      found.push(inner.slice(from, index).trim());
      from = index + 1;
    }
  }
  const last = inner.slice(from).trim();
  return last === "" ? found : [...found, last];
}
