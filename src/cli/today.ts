/** The day, ISO 8601, UTC. */
export const today = (): string => new Date().toISOString().slice(0, 10);
