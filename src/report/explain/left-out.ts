// Why a run does not count, in words. docs/table.md has the same words.

/** What each word of `Reasons` means. */
export const leftOutMeanings: Readonly<Record<string, string>> = {
  "warm-up": "the first runs on each machine are not kept",
  failed: "it ended with an error",
  "check-failed": "its check found that the work was not done",
  unchecked: "nothing checked that the work was done",
  "timed-out": "it took longer than its time limit",
  "not-run": "it was not run",
  "not run after a failure": "an earlier round of the row failed there",
  steal: "the hypervisor took over 1 % of the machine's CPU time meanwhile",
  swap: "the machine swapped meanwhile",
  orphans: "it left processes running",
  "others-cpu": "other processes used over 5 % of the machine's CPU time meanwhile",
  rebooted: "the machine rebooted meanwhile",
  fetch: "something was fetched while the clock ran",
  "digests-differ": "another run of the same work has another digest",
  "mostly-failed": "over half of the runs on its machine do not count",
};

/** Returns `steal: the hypervisor took …`; a word that a suite's check made stands alone. */
export function leftOutText(reason: string): string {
  const meaning = Object.hasOwn(leftOutMeanings, reason) ? leftOutMeanings[reason] : undefined;
  return meaning === undefined ? `${reason}: the suite's check said so` : `${reason}: ${meaning}`;
}
