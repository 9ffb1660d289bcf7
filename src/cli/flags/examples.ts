// Three examples of each command, for its --help.

const examples: Readonly<Record<string, readonly [string, string, string]>> = {
  compare: [
    "compare s1.medium s2.medium --cloud sandbox --suite hashes",
    "compare c6g.large c7g.large --region us-east-1 --instance-profile PROFILE",
    "compare old=ssh:build@a1 new=ssh:build@b1 -- make -j8",
  ],
  run: [
    "run -- 'gzip -k -f -1 data' 'gzip -k -f -9 data'",
    "run -w 2 -r 20 -n sort --export-json sort.json -- sort words",
    "run hashes/sha256 --rounds 7 --set blocks=10000",
  ],
  plan: [
    "plan c6g.large c7g.large --region us-east-1",
    "plan c6g.8xlarge@freebsd/14.3 c7g.8xlarge@freebsd/14.3 --suite world --max-hours 4",
    "plan s1.medium s2.medium --cloud sandbox --format json",
  ],
  report: ["report latest", "report before=RUN after=latest", "report RUN --format html --out run.html"],
  explain: ["explain latest", "explain RUN hashes/sha256", "explain run.tar.gz geomean"],
  resume: ["resume RUN", "resume RUN --quiet --out table.md", "resume ./RUN --trust"],
  verify: ["verify RUN", "verify RUN --sums 3f9a0c2b11d8", "verify run.tar.gz --against table.json"],
  bundle: ["bundle RUN", "bundle latest", "bundle RUN --out run.tar.gz"],
  boot: [
    "boot s1.medium --cloud sandbox --port 2222",
    "boot c7g.large --image freebsd/14.3 --image al2023 --security-group sg-0123456789abcdef0",
    "boot c6g.large c7g.large --boots 20 --ssm --instance-profile PROFILE --format csv",
  ],
  ami: [
    "ami al2023 --region us-east-1",
    "ami freebsd/14.3 --arch arm64 --region us-east-1",
    "ami debian/12 --cloud sandbox",
  ],
  list: ["list suites", "list suites hashes", "list types --cloud sandbox"],
  "check-suite": ["check-suite suites/hashes", "check-suite ./mine", "check-suite ~/suites/mine"],
  sweep: ["sweep --region us-east-1", "sweep --run RUN", "sweep --all-owners --format json"],
  doctor: [
    "doctor --cloud sandbox",
    "doctor --region us-east-1 --profile bench --instance-profile timetrial-machine",
    "doctor firecracker:vm.toml",
  ],
  setup: [
    "setup",
    "setup --region eu-west-1 --account 123456789012",
    "setup --role bench --tag fleet=perf --format json",
  ],
  completion: ["completion bash", "completion zsh", "completion fish"],
  sandbox: ["sandbox", "sandbox --faults seed=7,throttle=0.1,slow=0.1:2s", "sandbox --faults agent-lost=0.2"],
};

/** Returns the examples of `command` as --help prints them; an empty text where it has none. */
export function examplesOf(command: string): string {
  const lines = examples[command] ?? [];
  return lines.length === 0 ? "" : `\nExamples:\n${lines.map((line) => `  timetrial ${line}`).join("\n")}`;
}
