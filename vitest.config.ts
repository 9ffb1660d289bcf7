import { relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** The files that take longest, for which all others would wait at the end of a run. The first is begun first. */
const longest = [
  "test/e2e/compare.test.ts",
  "test/e2e/suites.test.ts",
  "test/e2e/stored-run.test.ts",
  "test/e2e/boot.test.ts",
  "test/e2e/hyperfine.test.ts",
  "test/remote/agent.test.ts",
  "test/e2e/ssh.test.ts",
  "test/adapters/firecracker/real.test.ts",
  "test/pipeline/run/run.test.ts",
  "test/e2e/sweep.test.ts",
  "test/sandbox/aws-cli.test.ts",
  "test/e2e/money.test.ts",
  "test/e2e/command.test.ts",
  "test/e2e/own-suite.test.ts",
  "test/e2e/network.test.ts",
  "test/remote/user-data.test.ts",
  "test/e2e/ec2.test.ts",
  "test/suites/ports.test.ts",
  "test/pitfalls/machines.test.ts",
  "test/e2e/credentials.test.ts",
  "test/pitfalls/commands.test.ts",
  "test/e2e/until.test.ts",
  "test/e2e/resume.test.ts",
  "test/suites/cpu-suites.test.ts",
  "test/adapters/ssh/machines.test.ts",
  "test/adapters/aws/faults.test.ts",
  "test/e2e/strangers-folder.test.ts",
  "test/suites/hashes.test.ts",
  "test/e2e/fresh.test.ts",
  "test/e2e/full-disk.test.ts",
  "test/e2e/gate.test.ts",
  "test/e2e/suites-bad.test.ts",
  "test/e2e/sources.test.ts",
  "test/adapters/ec2/release/sweeper.test.ts",
  "test/docs/generated.test.ts",
  "test/adapters/ec2/launch/launch-request.test.ts",
  "test/pitfalls/boots.test.ts",
];

/** The files that compare what this process does in time: they are begun when hardly another still runs. */
const last = ["test/adapters/ssm/shared-polls.test.ts"];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const file = relative(this.ctx.config.root, moduleId);
      if (last.includes(file)) return longest.length + 1;
      const at = longest.indexOf(file);
      return at === -1 ? longest.length : at;
    };
    return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
  }
}

/** `file` where the environment variable `name` is not set. The scripts of package.json and test/lab/pack.mjs set it. */
function unlessAsked(name: string, file: string): string[] {
  return (process.env[name] ?? "") === "" ? [file] : [];
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/compile-once.ts",
    // Not there at all, rather than skipped.
    exclude: [
      ...unlessAsked("KERNEL_LONG", "test/e2e/kernel.test.ts"),
      ...unlessAsked("MICROVM_LONG", "test/adapters/firecracker/qemu.test.ts"),
      ...unlessAsked("PAGES_PACKAGE", "test/lab/pages.test.ts"),
    ],
    // A process each: starting a program costs in proportion to the memory of who starts it.
    pool: "forks",
    isolate: false,
    // Most files wait for processes more than they compute.
    maxWorkers: 7,
    maxConcurrency: 10,
    // For what hangs: nothing takes so long, on a busy machine either.
    testTimeout: 120_000,
    hookTimeout: 600_000,
    sequence: { sequencer: LongestFirst },
    env: { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true" },
  },
});
