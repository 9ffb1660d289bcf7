// Checks a suite before it is shipped: its manifest, its steps' text, its steps as shells and shellcheck read them, and
// its check.sh where no work was done.

import { stat } from "node:fs/promises";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import type { SuiteCheckResult, SuiteFinding } from "../../domain/suite-finding.ts";
import { type Manifest, manifestSchema, type ShippedFile } from "../../domain/plan/suite.ts";
import { bundledWithSuite, listShippedFiles, manifestText } from "../folders/suites.ts";
import { checkToml, lineOfKeys } from "../folders/toml.ts";
import { checkRejectsNoWork } from "./run-check.ts";
import { manifestFindings } from "./manifest.ts";
import { stageSuite } from "./staging.ts";
import { findBashisms, stepFindings, checksNothing } from "./steps.ts";
import { shellcheck, checkSyntax } from "./shellcheck.ts";

/**
 * Checks the suite in `folder`, which messages call `shown`. `known` are the names of the suites that come with timetrial.
 *
 * @throws TimetrialError SUITE_UNKNOWN where there is no such folder, or nothing in it that is a suite
 */
export async function checkSuiteIn(folder: string, shown: string, known: readonly string[]): Promise<SuiteCheckResult> {
  await refuseNoFolder(folder, shown);
  const text = await manifestText(folder, shown);
  let files: ShippedFile[];
  try {
    files = listShippedFiles(folder);
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    return { findings: [{ file: "", what: error.message, hint: "ship a copy, or fetch it in setup.sh" }], notes: [] };
  }
  const scripts = files.filter(({ path }) => path.endsWith(".sh") && !path.startsWith("node_modules/"));
  const read = checkToml(manifestSchema, { text, file: "suite.toml", code: "SUITE_INVALID" });
  const manifest = "content" in read ? read.content : undefined;
  const own = "faults" in read ? read.faults.map(asFinding) : manifestFindings(read.content, text, known);
  const bundled = await bundledFiles(folder, manifest, text, shown);

  await using arrived = await stageSuite([...bundled.files, ...files]);
  const linted = await shellcheck(arrived.folder, scripts);
  const parsed = await checkSyntax(arrived.folder, scripts);
  const inShell = new Set(linted.findings.map(({ file, line }) => `${file}:${line}`));
  const findings = [
    ...own,
    ...bundled.findings,
    ...stepFindings(files, bundled.files, manifest),
    ...parsed.findings,
    ...linted.findings,
    ...findBashisms(scripts).filter(({ file, line }) => !inShell.has(`${file}:${line}`)),
  ];
  const idle = await idleIfSafe(arrived.folder, files, manifest, findings);
  return {
    findings: [...findings, ...idle.findings].toSorted(byPlace),
    notes: [...linted.notes, ...parsed.notes, ...idle.notes],
  };
}

interface BundledFiles {
  readonly files: readonly ShippedFile[];
  readonly findings: readonly SuiteFinding[];
}

/** The files that `bundle` adds, and a finding for each that does not exist. */
async function bundledFiles(
  folder: string,
  manifest: Manifest | undefined,
  text: string,
  shown: string,
): Promise<BundledFiles> {
  if (manifest === undefined) return { files: [], findings: [] };
  try {
    return { files: await bundledWithSuite(folder, manifest, shown), findings: [] };
  } catch (error) {
    if (!(error instanceof TimetrialError)) throw error;
    const what = error.message.replace(`${shown}: `, "");
    const hint = "name a folder beside the suite's, or lib, which comes with timetrial";
    return { files: [], findings: [{ file: "suite.toml", line: lineOfKeys(text, ["bundle"]), what, hint }] };
  }
}

async function refuseNoFolder(folder: string, shown: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory() === true) return;
  throw new TimetrialError("SUITE_UNKNOWN", `there is no folder ${JSON.stringify(shown)}`);
}

/** An error of the manifest begins with its place: `suite.toml:16: rows[1].runs: …`. */
function asFinding({ message, hint }: TimetrialError): SuiteFinding {
  const [, line, what = message] = /^suite\.toml:(\d+)(?::\d+)?: (.*)$/s.exec(message) ?? [];
  return { file: "suite.toml", what, ...(line && { line: Number(line) }), ...defined({ hint }) };
}

/** Runs check.sh with no work done, unless it may do harm or cannot run at all. */
async function idleIfSafe(
  folder: string,
  files: readonly ShippedFile[],
  manifest: Manifest | undefined,
  findings: readonly SuiteFinding[],
): Promise<SuiteCheckResult> {
  const broken = findings.some(({ file, what }) => file === "check.sh" && what.startsWith("syntax"));
  if (
    manifest === undefined ||
    broken ||
    findings.includes(checksNothing) ||
    !files.some(({ path }) => path === "check.sh")
  )
    return { findings: [], notes: [] };
  if (manifest.needs.root || manifest.needs.disposable)
    return { findings: [], notes: ["check.sh was not tried with nothing done: the suite needs a machine of its own"] };
  return { findings: await checkRejectsNoWork(folder, manifest), notes: [] };
}

function byPlace(a: SuiteFinding, b: SuiteFinding): number {
  const order = (file: string): number => (file === "" ? 0 : file === "suite.toml" ? 1 : 2);
  return order(a.file) - order(b.file) || a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0);
}
