// How long the steps of simulated machines take: `step=0.5,setup=0.2,prepare=0.1,spread=0.02`.

/** How simulated machines work: no step of a suite runs on them, they only wait as long as it says here. */
export interface SimulationSettings {
  /** A trial on an average row and type. Seconds. */
  readonly stepS: number;
  /** A suite's setup, and its cleanup. Seconds. */
  readonly setupS: number;
  /** What comes before each trial, untimed. Seconds. */
  readonly prepareS: number;
  /** Relative deviation of a trial's time from its row's and type's own. */
  readonly spread: number;
}

const longest_s = 86_400;

/** Returns undefined where `text` asks for no simulation: it is empty. @throws Error where it cannot be read */
export function parseSimulation(text: string): SimulationSettings | undefined {
  if (text === "") return undefined;
  let settings: SimulationSettings = { stepS: 1, setupS: 0.1, prepareS: 0, spread: 0.01 };
  for (const part of text.split(",")) {
    const [, name, value] = /^([a-z]+)=([0-9.]+)$/.exec(part) ?? [];
    const number = Number(value);
    const most = name === "spread" ? 1 : longest_s;
    if (value === undefined || !(number >= 0 && number <= most)) throw unreadable(part);
    if (name === "step" && number > 0) settings = { ...settings, stepS: number };
    else if (name === "setup") settings = { ...settings, setupS: number };
    else if (name === "prepare") settings = { ...settings, prepareS: number };
    else if (name === "spread") settings = { ...settings, spread: number };
    else throw unreadable(part);
  }
  return settings;
}

function unreadable(part: string): Error {
  return new Error(`--simulate: expected step=S, setup=S, prepare=S or spread=SHARE, got ${part}`);
}
