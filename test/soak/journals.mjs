// The machines' own evidence against what is stored: the lines that each run of a step left, and the journals.

const keyOf = (machine, id, attempt) => `${machine} ${id} ${attempt}`;
const idOf = ({ suite, round, row, impl }) => `${suite}.r${round}.${row}.${impl}`;

/** No attempt ran twice, and what is called completed did run, under that attempt: by `counts`, stored.mjs's timesRun. */
export function ranTwice(run, counts) {
  const found = [...counts].flatMap(([key, count]) => (count === 1 ? [] : [`${key}: ran ${count} times`]));
  const instances = instancesOf(run);
  for (const record of run?.records ?? []) {
    const key = keyOf(instances.get(record.machine), idOf(record), record.attempt);
    if (record.status === "completed" && !counts.has(key))
      found.push(`${record.machine}: ${key}: completed, and never ran`);
  }
  return found;
}

/** No journal begins or ends a step twice under one attempt, and none has an end that another has too. */
export function timedTwice(journals) {
  const seen = new Map();
  for (const { instance, lines } of journals)
    for (const { t, kind, id, attempt } of lines) {
      const key = `${keyOf(instance, id, attempt)} ${t}`;
      if (kind === "trial") seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  return [...seen].flatMap(([key, count]) => (count === 1 ? [] : [`${key}: ${count} times in the machine's journals`]));
}

/**
 * Every trial that completed in a journal which was read to its end is stored once, with the journal's times; and what is
 * stored as completed is in a journal of its machine, where any of them could be kept.
 */
export function toldOtherwise(run, journals) {
  const found = [];
  const instances = instancesOf(run);
  const names = new Map([...instances].map(([name, instance]) => [instance, name]));
  const completed = run.records.filter(({ status }) => status === "completed");
  const told = new Map();
  for (const { instance, batch, lines } of journals) {
    const machine = names.get(instance);
    for (const line of lines.filter(isCompletedTrial)) {
      const key = keyOf(machine, line.id, line.attempt);
      told.set(key, line);
      if (!run.read.has(`${machine} ${batch}`)) continue;
      const count = completed.filter((one) => keyOf(one.machine, idOf(one), one.attempt) === key).length;
      if (count !== 1) found.push(`${key}: completed by the machine's journal, stored ${count} times`);
    }
  }
  const seen = new Set(journals.map(({ instance }) => names.get(instance)));
  for (const record of completed.filter(({ machine }) => seen.has(machine))) {
    const key = keyOf(record.machine, idOf(record), record.attempt);
    const line = told.get(key);
    if (line === undefined) found.push(`${key}: stored as completed, and in no journal of the machine`);
    else if (["real_s", "user_s", "system_s"].some((name) => line[name] !== record[name]))
      found.push(`${key}: stored ${record.real_s} s, and the machine's journal says ${line.real_s} s`);
  }
  return found;
}

/** Whether a journal was kept of any batch that was read: else there is nothing to hold against each other. */
export function anyRead(run, journals) {
  const names = new Map([...instancesOf(run)].map(([name, instance]) => [instance, name]));
  return journals.some(({ instance, batch }) => run.read.has(`${names.get(instance)} ${batch}`));
}

function isCompletedTrial({ t, kind, status }) {
  return t === "ended" && kind === "trial" && status === "completed";
}

function instancesOf(run) {
  return new Map((run?.machines ?? []).map(({ machine }) => [machine.name, machine.address.instance_id]));
}
