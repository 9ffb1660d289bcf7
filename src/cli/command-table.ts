// All commands, in the order of --help. Their arguments and options are loaded when they are needed.

import type { Command } from "commander";

type Declare = (command: Command, words: readonly string[] | undefined) => void | Promise<void>;

/** The definitions of the commands that measure. */
export const loadMeasure = () => import("./flags/measure.ts");
const stored = () => import("./flags/stored.ts");
/** The definitions of the commands around a run. */
export const loadUtilities = () => import("./flags/utilities.ts");
const account = () => import("./flags/account.ts");

/** Each command: its text in --help, and the function that adds its arguments, options and action. */
export const commandTable: readonly (readonly [name: string, about: string, declared: () => Promise<Declare>])[] = [
  [
    "compare",
    "run suites, or a command behind --, on two sides or more, and print the table of speedups",
    async () => (await loadMeasure()).declareCompare,
  ],
  [
    "run",
    "run suites, or commands behind --, on one side, and print what they took",
    async () => (await loadMeasure()).declareRun,
  ],
  [
    "plan",
    "print what compare would launch, how long it would take and what it would cost; launches nothing",
    async () => (await loadMeasure()).declarePlan,
  ],
  [
    "report",
    "print the table of stored runs again; of several, their sides stand side by side",
    async () => (await stored()).declareReport,
  ],
  [
    "explain",
    "say in sentences how the cells of a stored run's table came about, or those of one row",
    async () => (await stored()).declareExplain,
  ],
  [
    "resume",
    "go on with a run whose client died or was interrupted, and print its table",
    async () => (await stored()).declareResume,
  ],
  [
    "verify",
    "check a stored run: its files, its records against plan and facts, every digest and cell once more",
    async () => (await stored()).declareVerify,
  ],
  [
    "bundle",
    "put a stored run into one file that report and verify read anywhere",
    async () => (await stored()).declareBundle,
  ],
  [
    "boot",
    "boot machines over and over, and print how long each step takes",
    async () => (await import("./flags/boot.ts")).declareBoot,
  ],
  [
    "ami",
    "print the id of an image by its name, or list those that there are",
    async () => (await loadUtilities()).declareAmi,
  ],
  [
    "list",
    "list what there is: suites, runs, instance types, published figures",
    async () => (await loadUtilities()).declareList,
  ],
  [
    "check-suite",
    "find what is wrong with a suite of your own, before it is shipped",
    async () => (await loadUtilities()).declareCheckSuite,
  ],
  [
    "sweep",
    "list what runs left in the account; end one's own past its deadline",
    async () => (await account()).declareSweep,
  ],
  [
    "doctor",
    "check credentials, permissions, network and tools; creates nothing",
    async () => (await account()).declareDoctor,
  ],
  [
    "setup",
    "print the policies and the role that an AWS account needs; creates nothing",
    async () => (await account()).declareSetup,
  ],
  [
    "sandbox",
    "serve the sandbox to other clients until interrupted, and print the environment that they need",
    async () => (await loadUtilities()).declareSandbox,
  ],
  [
    "completion",
    "print the script that makes bash, zsh or fish complete command lines of timetrial",
    async () => (await loadUtilities()).declareCompletion,
  ],
];
