// What a run left on disk, read apart from the product: its journals line by line, and the machines' own evidence.

import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The run in `results`; undefined where there is none. */
export function storedRun(results) {
  const [name] = existsSync(results) ? readdirSync(results) : [];
  if (name === undefined) return undefined;
  const folder = join(results, name);
  const course = lines(join(folder, "course.ndjson"));
  const ledger = lines(join(folder, "ledger.ndjson"));
  return {
    name,
    folder,
    isPlanned: isJson(join(folder, "plan.json")),
    records: lines(join(folder, "records.ndjson")),
    machines: course.flatMap(({ kind, machines }) => (kind === "machines" ? machines : [])),
    gone: new Set(course.flatMap(({ kind, machine }) => (kind === "gone" ? [machine] : []))),
    /** Batches whose journals are all in the records: machine and batch. */
    read: new Set(course.flatMap(({ kind, machine, batch }) => (kind === "read" ? [`${machine} ${batch}`] : []))),
    isFinished: course.some(({ kind }) => kind === "finished"),
    /** Whether its ledger says in which account it launches. */
    hasAccount: ledger.some(({ kind, account }) => kind === "account" && account !== undefined),
    leases: leasesIn(ledger),
    sums: existsSync(join(folder, "SHA256SUMS")) ? readFileSync(join(folder, "SHA256SUMS"), "utf8") : undefined,
  };
}

/**
 * From when to when the run's machines were there, by its ledger: from before their launch to EC2's taking them back. Seconds.
 * `self_ended`: the client found it gone. `deadline_s` is by the cloud's clock, the others are by this computer's.
 */
function leasesIn(ledger) {
  const intents = new Map(ledger.flatMap((one) => (one.kind === "intent" ? [[one.token, one]] : [])));
  // The first time counts: a client that goes on ends again what another had ended. A Map keeps the last of a key.
  const ended = new Map(
    ledger.flatMap(({ kind, ids, at }) => (kind === "terminated" ? ids.map((id) => [id, at]) : [])).toReversed(),
  );
  const gone = ledger.find(({ kind, state }) => kind === "absence" && state === "none");
  const launched = ledger.flatMap(({ kind, ids, token }) => (kind === "launched" ? ids.map((id) => [id, token]) : []));
  return [...new Map(launched)].map(([id, token]) => {
    const { at, deadline } = intents.get(token);
    const until_s = ended.has(id) || gone !== undefined ? seconds(ended.get(id) ?? gone.at) : Date.now() / 1000;
    const self_ended = !ended.has(id) && gone !== undefined;
    return { from_s: seconds(at), until_s, deadline_s: seconds(deadline), self_ended };
  });
}

const seconds = (at) => Date.parse(at) / 1000;

/** Appends half a line to one of the run's journals, as a writer does that dies in the middle. */
export function tear({ folder }, draw) {
  const name = ["records", "ledger", "course"][Math.floor(draw() * 3)];
  const path = join(folder, `${name}.ndjson`);
  if (existsSync(path)) appendFileSync(path, '{"kind":"batch","schema":1,"su');
}

/** How often each step ran, by instance, trial and attempt: the lines that run.sh appended in `kept`. */
export function timesRun(kept) {
  const counts = new Map();
  const log = join(kept, "steps.log");
  const text = existsSync(log) ? readFileSync(log, "utf8") : "";
  for (const line of text.split("\n").filter((one) => one !== "")) {
    const [, instance, id, attempt] = /\/(i-[0-9a-f]+)\/.*\/begun\.(.*)\.(\d+)$/.exec(line) ?? [];
    const key = instance === undefined ? `unreadable: ${line}` : `${instance} ${id} ${attempt}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

/** The machines' journals that run.sh gave a second name in `kept`. On the machine a batch is called by its slot, too. */
export function journalsIn(kept) {
  return readdirSync(kept).flatMap((name) => {
    const [, instance, batch] = /^(i-[0-9a-f]+)\.m\d+\.(.+)$/.exec(name) ?? [];
    return instance === undefined ? [] : [{ instance, batch, lines: lines(join(kept, name)) }];
  });
}

function lines(path) {
  if (!existsSync(path)) return [];
  const all = readFileSync(path, "utf8").split("\n");
  all.pop(); // "" or a torn line
  return all.map((line) => JSON.parse(line));
}

function isJson(path) {
  try {
    JSON.parse(readFileSync(path, "utf8"));
    return true;
  } catch {
    return false;
  }
}
