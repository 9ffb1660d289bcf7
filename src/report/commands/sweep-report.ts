// Formats what a sweep found: as a list for people, and as JSON.

import { jsonText } from "../../domain/printable.ts";
import { ageOfLeftover_s, costOfLeftover_usd, type Leftover, type TypePrice } from "../../domain/cloud/leftover.ts";

export interface SweepReport {
  readonly region: string;
  readonly owner: string;
  readonly at: Date;
  readonly found: readonly { readonly leftover: Leftover; readonly became: string }[];
  readonly others: number;
  readonly left: readonly string[];
}

const heads = ["", "id", "type", "state", "run", "owner", "deadline", "age", "cost so far", "now"];

/** Returns the cells of the list, the heads first; none where the sweep found nothing. */
export function sweepRows({ found, at }: SweepReport, prices: readonly TypePrice[]): string[][] {
  if (found.length === 0) return [];
  return [heads, ...found.map(({ leftover, became }) => cells(leftover, became, prices, at))];
}

function cells(leftover: Leftover, became: string, prices: readonly TypePrice[], at: Date): string[] {
  const usd = costOfLeftover_usd(leftover, prices, at);
  const age_s = ageOfLeftover_s(leftover, at);
  return [
    leftover.kind,
    leftover.id,
    leftover.type === undefined ? "-" : `${leftover.type}${leftover.market === "spot" ? " spot" : ""}`,
    leftover.state,
    leftover.run,
    leftover.owner ?? "unknown",
    leftover.deadline === undefined ? "unknown" : deadlineText(leftover.deadline, at),
    age_s === undefined ? "unknown" : spanText(age_s),
    costText(leftover, usd),
    became,
  ];
}

function costText({ kind, state }: Leftover, usd: number | undefined): string {
  if (kind === "spot-request") return "-";
  // No price list is asked for the price of storage, and it is not known when a machine was stopped.
  if (kind === "volume" || ["stopping", "stopped"].includes(state)) return "not known";
  if (usd === undefined) return "price unknown";
  return usd < 0.01 ? "under $0.01" : `$${usd.toFixed(2)}`;
}

function deadlineText(deadline: Date, at: Date): string {
  const left_s = (deadline.getTime() - at.getTime()) / 1000;
  return left_s > 0 ? `in ${spanText(left_s)}` : `${spanText(-left_s)} ago`;
}

/** Formats a duration with two units at most: `1 d 4 h`, `2 h 5 min`, `3 min`, `20 s`. */
function spanText(seconds: number): string {
  const whole = Math.floor(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Returns the lines below the list. */
export function sweepLines({ region, owner, found, others, left }: SweepReport): string[] {
  const ended = found.filter(({ became }) => became === "ended").length;
  const asked = found.filter(({ became, leftover }) => became === "left" && leftover.owner !== owner).length;
  const undated = found.filter(({ became }) => became === "no deadline");
  return [
    found.length === 0 ? `nothing of ${owner} in ${region}` : `${region}: ${found.length} found, ${ended} ended`,
    ...(others === 0 ? [] : [`${others} of others: --all-owners lists them too`]),
    ...(asked === 0 ? [] : [`${asked} of others should be gone: --yes ends them`]),
    ...undated.map(({ leftover: { id, run } }) => `${id} has no deadline tag: timetrial sweep --run ${run} ends it`),
    ...(left.length === 0 ? [] : [`left, or may be: ${left.join(", ")}`]),
  ];
}

export function sweepJson(
  { region, owner, at, found, others, left }: SweepReport,
  prices: readonly TypePrice[],
): string {
  const entries = found.map(({ leftover, became }) => {
    const { kind, id, state, type, market, run, owner: whose, deadline, since } = leftover;
    const usd = costOfLeftover_usd(leftover, prices, at);
    return {
      kind,
      id,
      state,
      type,
      market,
      run,
      owner: whose,
      deadline: deadline?.toISOString(),
      since: since?.toISOString(),
      age_s: ageOfLeftover_s(leftover, at),
      past_deadline: deadline === undefined ? undefined : deadline <= at,
      cost_usd: usd,
      became,
    };
  });
  return `${jsonText({ schema: 1, region, owner, at: at.toISOString(), found: entries, others, left }, 2)}\n`;
}
