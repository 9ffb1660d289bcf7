/** DESIGN section 8: the highest wins, in this order. */
export function worstStatus(statuses: readonly number[]): number {
  return [3, 130, 5, 4, 2, 1].find((status) => statuses.includes(status)) ?? 0;
}
