// Vitest's global setup: a `cc` for desks and machines of tests that compiles the same sources by the same words once a test
// run. Each of them has a home of its own, for which the agent and the suites would compile everything anew. Beside it stands
// the `python3` that the one on PATH leads to: a version manager's takes longer to find its interpreter than that takes to run.

import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { which } from "./suite-steps.ts";

const script = (folder: string, real: string): string => `#!/bin/sh
out= last= other=
for word; do
	case \${last}/\${word} in
	-o/*) out=\${word} ;;
	*/-o | */-O2 | */-std=c99 | */-l* | *.c) ;;
	*) other=yes ;;
	esac
	last=\${word}
done
# A build's own words may make more than one file, or read headers from elsewhere.
[ -z "\${other}" ] || out=
# Some tests have a PATH that lacks such tools.
command -v sha256sum cat cp mv >/dev/null 2>&1 || out=
[ -n "\${out}" ] || exec "${real}" "$@"

# The words without their folders, and the sources with the headers beside them.
sum=$(for word; do
	[ "\${word}" != "\${out}" ] || continue
	printf '%s\\n' "\${word##*/}"
	case \${word} in
	*/*.c) cat "\${word}" "\${word%/*}"/*.h 2>/dev/null ;;
	*.c) cat "\${word}" ./*.h 2>/dev/null ;;
	esac
done | sha256sum)
made="${folder}/made/\${sum%% *}"
if [ -e "\${made}" ]; then
	cp "\${made}" "\${out}"
	exit
fi
"${real}" "$@" || exit
cp "\${out}" "\${made}.$$" && mv -f "\${made}.$$" "\${made}"
`;

export default function setup(): (() => void) | undefined {
  const real = which("cc");
  if (real === undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "timetrial-cc-"));
  mkdirSync(join(folder, "made"));
  writeFileSync(join(folder, "cc"), script(folder, real));
  chmodSync(join(folder, "cc"), 0o755);
  const own = join(folder, "client");
  mkdirSync(own);
  const asked = spawnSync("python3", ["-I", "-c", "import sys; print(sys.executable, end='')"], { encoding: "utf8" });
  if (asked.status === 0) {
    writeFileSync(join(own, "python3"), `#!/bin/sh\nexec "${asked.stdout}" "$@"\n`);
    chmodSync(join(own, "python3"), 0o755);
  }
  process.env["PATH"] = `${own}:${folder}:${process.env["PATH"] ?? ""}`;
  // The sandbox's machines do not have the client's PATH.
  process.env["TIMETRIAL_SANDBOX_PATH"] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
