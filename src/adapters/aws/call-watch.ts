// What an account's requests show beside their answers, learned once for all of its clients: whether the endpoint was
// ever reached, what time it is there, and how long it has been silent.

import type { EC2Client } from "@aws-sdk/client-ec2";
import { checkAnswer, type RawResponse } from "./answer-check.ts";
import { isClockSkewed, markPassing } from "./errors.ts";

/** The user is told of a silence that is so long, once. Seconds. */
export const silence_s = 60;
/** A clock that is further off than this is worth a word. Milliseconds. */
const notable_ms = 60_000;
/** A refused signature is tried once more where the time differs from what it was signed with by so much. Milliseconds. */
const corrected_ms = 30_000;

/** Whom a watch tells what it sees, and how patient it is. */
export interface CallWatchOptions {
  /** Shrinks the patience with a silent endpoint in tests: 1, or less in a sandbox whose minutes take seconds. */
  readonly timeScale: number;
  /** Told what the user should know, a sentence each. */
  readonly say: (text: string) => void;
}

/** Whether `host` is AWS's own. */
export function isAwsHost(host: string): boolean {
  return /\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)(:\d+)?$/.test(host);
}

/** A client's middleware and configuration, as far as they are watched: all of the SDK's clients have them. */
type Watched = Pick<EC2Client, "middlewareStack" | "config">;

/** Watches the requests of an account's clients: corrects a clock that is off, and tells of an endpoint that is silent. */
export class CallWatch {
  readonly #options: CallWatchOptions;
  #offset_ms = 0;
  readonly #hosts = new Map<string, string>();
  #isReached = false;
  #toldClock = false;
  #answered_ms = 0;
  #toldSilence = false;

  constructor(options: CallWatchOptions) {
    this.#options = options;
  }

  /** What to add to this computer's time to get the endpoint's: 0 until it has answered. Milliseconds. */
  get offset_ms(): number {
    return this.#offset_ms;
  }

  /** Whether any request was ever answered. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** The host that was asked last as `service`, with its port; undefined before the first request. */
  hostOf(service: string): string | undefined {
    return this.#hosts.get(service);
  }

  /** Watches all requests of `client`, which `service` names for people. */
  attach(client: object, service: string): void {
    const { config, middlewareStack: stack } = client as Watched;
    // Signers read the offset from the configuration, and write there what an answer's Date shows.
    Object.defineProperty(config, "systemClockOffset", {
      get: () => this.#offset_ms,
      set: (offset_ms: number) => {
        this.#learn(offset_ms);
      },
    });
    stack.add((next) => (args) => this.#watched(service, () => next(args)), {
      step: "initialize",
      name: "timetrialSilence",
    });
    stack.add(
      (next) => async (args) => {
        const { hostname, port } = args.request as { hostname?: string; port?: number };
        if (hostname !== undefined) this.#hosts.set(service, port === undefined ? hostname : `${hostname}:${port}`);
        const result = await next(args);
        await checkAnswer(result.response as RawResponse);
        this.#isReached = true;
        this.#answered_ms = Date.now();
        this.#toldSilence = false;
        return result;
      },
      // Next to the connection: before the SDK reads the answer.
      { step: "deserialize", name: "timetrialAnswer", priority: "low" },
    );
  }

  /** Does `send`, and once more where its signature was refused for a time that is corrected by now. Tells of silence. */
  async #watched<T>(service: string, send: () => Promise<T>): Promise<T> {
    const patience_ms = Math.max(5, silence_s * this.#options.timeScale) * 1000;
    const since_ms = Date.now();
    const timer = setInterval(() => {
      if (this.#toldSilence || Date.now() - Math.max(since_ms, this.#answered_ms) < patience_ms) return;
      this.#toldSilence = true;
      this.#options.say(`${service} has not answered for ${silence_s} s: it is asked again`);
    }, patience_ms / 10);
    timer.unref();
    const before_ms = this.#offset_ms;
    try {
      return await send();
    } catch (error) {
      if (isClockSkewed(error) && Math.abs(this.#offset_ms - before_ms) > corrected_ms) return await send();
      // A name that led somewhere before is right: it is the resolver or the network that fails.
      if (this.#isReached) markPassing(error);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  #learn(offset_ms: number): void {
    if (!Number.isFinite(offset_ms)) return;
    // The Date of an answer is exact to a second.
    this.#offset_ms = Math.abs(offset_ms) < 2000 ? 0 : offset_ms;
    if (Math.abs(this.#offset_ms) < notable_ms || this.#toldClock) return;
    this.#toldClock = true;
    const seconds = Math.round(Math.abs(offset_ms) / 1000);
    const where = offset_ms < 0 ? "ahead of" : "behind";
    const [whose = "the endpoint"] = this.#hosts.values();
    this.#options.say(`this computer's clock is ${seconds} s ${where} that of ${whose}, whose time is used`);
  }
}
