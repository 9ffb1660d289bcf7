// The current date, as files and reports have it.

/** Returns the date in UTC, ISO 8601: `2026-11-24`. */
export const today = (): string => new Date().toISOString().slice(0, 10);
