// What an account's requests reveal beside their responses, shared by all of its clients: whether the endpoint was ever
// reached, the time by its clock, and how long it has been silent.

import type { EC2Client } from "@aws-sdk/client-ec2";
import { checkAnswer, type RawResponse } from "./answer-check.ts";
import { isClockSkewed, markTransient } from "./errors.ts";

/** The user is told once of a silence of this length. Seconds. */
const silence_s = 60;
/** The user is told of a clock that is off by more than this. Milliseconds. */
const notable_ms = 60_000;
/**
 * A request with a refused signature is retried once if the corrected time differs by more than this from the signed
 * time. Milliseconds.
 */
const corrected_ms = 30_000;

/** Where a watch reports, and how patient it is. */
export interface CallWatchOptions {
  /** Scales the patience with a silent endpoint: 1, or less in a sandbox whose minutes take seconds. */
  readonly timeScale: number;
  /** Receives what the user should know, one sentence per call. */
  readonly say: (text: string) => void;
}

/** Returns whether `host` belongs to AWS. */
export function isAwsHost(host: string): boolean {
  return /\.(amazonaws\.com(\.cn)?|api\.aws|amazonaws\.eu)(:\d+)?$/.test(host);
}

/** The parts of a client that are watched: all SDK clients have them. */
type Watched = Pick<EC2Client, "middlewareStack" | "config">;

/** Watches the requests of an account's clients: corrects for a wrong clock, and reports a silent endpoint. */
export class CallWatch {
  readonly #options: CallWatchOptions;
  #offset_ms = 0;
  readonly #hosts = new Map<string, string>();
  #isReached = false;
  #clockReported = false;
  #answered_ms = 0;
  #silenceReported = false;

  constructor(options: CallWatchOptions) {
    this.#options = options;
  }

  /** What to add to this computer's time to get the endpoint's; 0 until the endpoint has responded. Milliseconds. */
  get offset_ms(): number {
    return this.#offset_ms;
  }

  /** Whether any request ever got a response. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Returns the host of the last request to `service`, with its port; undefined before the first request. */
  hostOf(service: string): string | undefined {
    return this.#hosts.get(service);
  }

  /**
   * Watches all requests of `client`. `service` names it in messages. A client that is `beside` EC2 is not asked at AWS
   * where the user's endpoint rules lead EC2 elsewhere: AWS knows nothing of that account.
   */
  attach(client: object, service: string, place?: "beside"): void {
    const { config, middlewareStack: stack } = client as Watched;
    // Signers read the offset from the configuration. The SDK writes there the offset that it takes from a response's
    // Date.
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
    if (place === "beside")
      stack.add(
        (next) => (args) => {
          const [{ hostname = "" }, ec2] = [args.request as { hostname?: string }, this.#hosts.get("EC2")];
          if (ec2 === undefined || isAwsHost(ec2) || !isAwsHost(hostname)) return next(args);
          throw new Error(`EC2 is asked at ${ec2}, and ${service} would be at ${hostname}`);
        },
        // Before the request is signed.
        { step: "build", name: "timetrialPlace", priority: "low" },
      );
    stack.add(
      (next) => async (args) => {
        const { hostname, port } = args.request as { hostname?: string; port?: number };
        if (hostname !== undefined) this.#hosts.set(service, port === undefined ? hostname : `${hostname}:${port}`);
        const result = await next(args);
        await checkAnswer(result.response as RawResponse);
        this.#isReached = true;
        this.#answered_ms = Date.now();
        this.#silenceReported = false;
        return result;
      },
      // Next to the connection: before the SDK parses the response.
      { step: "deserialize", name: "timetrialAnswer", priority: "low" },
    );
  }

  /**
   * Calls `send`, and retries once if the signature was refused for a clock that has been corrected since. Reports
   * silence.
   */
  async #watched<T>(service: string, send: () => Promise<T>): Promise<T> {
    const patience_ms = Math.max(5, silence_s * this.#options.timeScale) * 1000;
    const since_ms = Date.now();
    const timer = setInterval(() => {
      if (this.#silenceReported || Date.now() - Math.max(since_ms, this.#answered_ms) < patience_ms) return;
      this.#silenceReported = true;
      this.#options.say(`${service} has not answered for ${silence_s} s: it is asked again`);
    }, patience_ms / 10);
    timer.unref();
    const before_ms = this.#offset_ms;
    try {
      return await send();
    } catch (error) {
      if (isClockSkewed(error) && Math.abs(this.#offset_ms - before_ms) > corrected_ms) return await send();
      // The host name resolved before, so it is right: the resolver or the network is failing.
      if (this.#isReached) markTransient(error);
      throw error;
    } finally {
      clearInterval(timer);
    }
  }

  #learn(offset_ms: number): void {
    if (!Number.isFinite(offset_ms)) return;
    // The Date of a response is exact to a second.
    this.#offset_ms = Math.abs(offset_ms) < 2000 ? 0 : offset_ms;
    if (Math.abs(this.#offset_ms) < notable_ms || this.#clockReported) return;
    this.#clockReported = true;
    const seconds = Math.round(Math.abs(offset_ms) / 1000);
    const where = offset_ms < 0 ? "ahead of" : "behind";
    const [whose = "the endpoint"] = this.#hosts.values();
    this.#options.say(`this computer's clock is ${seconds} s ${where} that of ${whose}, whose time is used`);
  }
}
