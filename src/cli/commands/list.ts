// `list`: what there is.

import { shownSuite } from "../../report/suite.ts";
import { isFolder } from "../own-suites.ts";
import { oneOf, whole } from "../options.ts";
import { openOwnSuite, openSuites } from "../wiring.ts";

/** Where nobody says how many vCPUs: a small machine, a usual one, and the seed article's. */
const usualCores = [2, 8, 32];

export async function list(what: string, name: string | undefined, cores: string | undefined): Promise<number> {
  oneOf("list", what, ["suites"]);
  const suites = await openSuites();
  const counts = cores === undefined ? usualCores : [whole("--cores", cores, 1, 1024)];
  if (name !== undefined) {
    const suite = isFolder(name) ? await openOwnSuite(name) : await suites.load(name);
    process.stdout.write(shownSuite(suite, counts));
    return 0;
  }
  for (const known of await suites.list()) {
    const { manifest } = await suites.load(known);
    const wants = [manifest.needs.root ? "root" : "", manifest.needs.disposable ? "a disposable machine" : ""]
      .filter((word) => word !== "")
      .join(", ");
    process.stdout.write(`${known.padEnd(14)} ${manifest.title}${wants === "" ? "" : ` (needs ${wants})`}\n`);
  }
  return 0;
}
