// `boot`: measures how machines boot, from the launching call to the open port.

import { say, sayJson, writesJsonLines } from "../output/terminal.ts";
import { printableLines } from "../../domain/printable.ts";
import { readFileSync } from "node:fs";
import { TimetrialError } from "../../domain/errors.ts";
import type { BootEvent, BootPlan, BootSide } from "../../domain/boot/boot.ts";
import type { PublishedBoots } from "../../domain/published/boots.ts";
import { quoteForMessage } from "../../domain/plan/side.ts";
import { formatDuration } from "../../report/text/duration.ts";
import { estimateBootCost } from "../../pipeline/boot/boot-budget.ts";
import { runBoots } from "../../pipeline/boot/run-boots.ts";
import { type BootOptions, parseBootSpec, publishedNames, readUserData } from "../options/boot-options.ts";
import { noPatternAdvice, orOffline } from "../options/or-offline.ts";
import { replaceTypePatterns } from "../options/type-patterns.ts";
import { isInterrupt } from "../output/print-error.ts";
import { worstStatus } from "../output/exit-status.ts";
import { leftoverText } from "../run/leftover-hints.ts";
import { parseChoice } from "../options/option-values.ts";
import { bootFormats } from "../output/formats.ts";
import { printBoots } from "../output/print-boots.ts";
import { agreeToMany } from "../run/agree-to-many.ts";
import { newRunIdentity } from "../run/run-name.ts";
import { reportOutcome } from "../run/run-outcome.ts";
import { Silence } from "../run/silence.ts";
import { chooseProgress } from "../run/choose-progress.ts";
import { progressObject } from "../run/progress-json.ts";
import { costLine, progressLine } from "../run/progress-lines.ts";
import { handleInterrupts } from "../run/interrupts.ts";
import { openBoots, publishedBoots, withRegion } from "../wiring.ts";
import { createBootPorts, readMicroVms } from "../wiring/run-ports.ts";

export async function bootCommand(given: readonly string[], options: BootOptions): Promise<number> {
  chooseProgress(options.progress);
  const format = parseChoice("--format", options.format, bootFormats);
  const { baseline, out } = options;
  const published = await publishedOf(given);
  if (published !== undefined && given.length === 1) {
    await printBoots(undefined, { format, published, out });
    return 0;
  }
  const identity = newRunIdentity();
  const { run } = identity;
  const userData = await readUserData(options.userData);
  const { words, found } = await orOffline(options.dryRun, noPatternAdvice, () => replaceTypePatterns(given, options));
  const parsed = parseBootSpec(words, options, run, userData);
  const microVms = await readMicroVms(parsed.sides, ({ type, image }) => (type === "firecracker" ? image : undefined));
  const sides = microVms.map(nameKernel);
  if (options.dryRun === true) {
    const { printBootPlan } = await import("../run/print-boot-plan.ts");
    const plan: BootPlan = { schema: 1, kind: "boot", ...identity, spec: { ...parsed, sides } };
    await printBootPlan(plan, options, published);
    return 0;
  }
  const isCloud = sides.some(({ vm }) => vm === undefined);
  const spec = await withRegion({ ...parsed, sides }, isCloud);
  if (isCloud && spec.cloud === "sandbox" && options.endpoint === undefined) refuseLowPort(spec.port);
  const progress = (line: string | undefined): void => {
    if (line === undefined || options.quiet === true) return;
    say(printableLines(line));
    silence.spoken();
  };
  using silence = new Silence(writesJsonLines() ? () => {} : progress);
  const where = { ...spec, run, endpoint: options.endpoint };
  let folder: string | undefined;
  using interrupted = handleInterrupts(
    (line) => say(printableLines(line)),
    () => (folder === undefined ? "nothing was launched" : leftoverText(folder, where)),
  );
  if (spec.ssm && spec.cloud === "aws" && spec.instance_profile === undefined)
    progress(
      "--ssm without --instance-profile: the agents come online only where the account has Default Host Management on",
    );
  const ports = await createBootPorts(spec, { ...options, ownUserData: userData, say: progress });
  const observe = (event: BootEvent): void => {
    if (event.what === "boot-planned") ({ folder } = event);
    silence.observe(event);
    if (!writesJsonLines()) progress(bootLine(event));
    else if (options.quiet !== true) sayJson(progressObject(event));
  };
  const plan: BootPlan = { schema: 1, kind: "boot", ...identity, spec };
  const cost = async (): Promise<string> =>
    ports.priceInputs === undefined
      ? "which cost nothing"
      : costLine(await estimateBootCost(plan, ports.priceInputs, interrupted.signal));
  await agreeToMany({ types: found, machines: spec.boots * spec.sides.length, cost }, options);
  const outcome = await runBoots(spec, identity, ports, observe, interrupted.signal);
  silence[Symbol.dispose]();
  const statuses = [reportOutcome(outcome, isInterrupt(interrupted.signal.reason), where)];
  const stored = await (await openBoots(options.results)).load(run);
  if (stored !== undefined && stored.records.length > 0) {
    const isComplete = await printBoots(stored, { format, baseline, published, out });
    if (!isComplete || stored.records.some(({ status }) => status === "failed")) statuses.push(1);
  } else statuses.push(1);
  return worstStatus(statuses);
}

/** Returns `side` for tables: a microVM's image is the file name of its kernel. */
function nameKernel(side: BootSide): BootSide {
  return side.vm === undefined ? side : { ...side, image: side.vm.kernel.replace(/^.*\//, "") };
}

async function publishedOf(words: readonly string[]): Promise<PublishedBoots | undefined> {
  const [name, ...more] = publishedNames(words);
  if (name === undefined) return undefined;
  if (more.length > 0) throw new TimetrialError("USAGE", "boot: expected one published:… at most");
  const found = await publishedBoots(name);
  if (found !== undefined) return found;
  throw new TimetrialError("USAGE", `boot: nothing was published as ${quoteForMessage(name)}`, {
    hint: "there is published:boot-2021",
  });
}

/**
 * Refuses a port that the sandbox's machines cannot listen on without root. Runs before anything waits for a machine.
 *
 * @throws TimetrialError REFUSED
 */
function refuseLowPort(port: number): void {
  if (process.getuid?.() === 0 || port >= lowestFreePort()) return;
  throw new TimetrialError("REFUSED", `--port ${port}: without root the sandbox's machines cannot listen there`, {
    hint: "--port 2222",
  });
}

function lowestFreePort(): number {
  try {
    return Number(readFileSync("/proc/sys/net/ipv4/ip_unprivileged_port_start", "utf8"));
  } catch {
    return 1024;
  }
}

function bootLine(event: BootEvent): string | undefined {
  switch (event.what) {
    case "boot-planned": {
      const { spec } = event.plan;
      const price =
        spec.cloud === "sandbox" || !spec.sides.some(({ vm }) => vm === undefined)
          ? "costs nothing"
          : costLine(event.costEstimate);
      return `${spec.boots * spec.sides.length} machines, ${spec.parallel} at a time, each ended when its port is open, about ${formatDuration(event.expected_s)} in all; ${price}; results in ${event.folder}`;
    }
    case "boot-record": {
      const { record } = event;
      const name = `${record.side}, boot ${record.number}`;
      if (record.status === "failed") return `${name}: failed (${record.reason})`;
      const { called_s, running_s, closed_s, open_s } = record;
      const steps = [called_s, running_s, closed_s, open_s].map((at_s) => at_s.toFixed(3)).join(", ");
      return `${name}: called, running, closed, open after ${steps} s${record.warmup ? " (the first: not kept)" : ""}`;
    }
    case "boot-launching":
    case "boot-instant":
      return undefined;
    default:
      return event.what === "releasing" ? undefined : progressLine(event);
  }
}
