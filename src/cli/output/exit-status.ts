// The exit status of the command line.

/**
 * Returns the exit status of several outcomes: the first that occurs in the order of docs/design.md, "Errors and exit
 * status".
 */
export function worstStatus(statuses: readonly number[]): number {
  return [3, 130, 5, 4, 2, 1].find((status) => statuses.includes(status)) ?? 0;
}
