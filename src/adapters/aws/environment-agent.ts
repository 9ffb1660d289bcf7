// A Node agent that looks up, for each request, which proxy of the environment it goes through, if any. It is in a file
// of its own so that only users with a proxy or their own certificates load it.

import { Agent as HttpAgent, type ClientRequest } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";

export class EnvironmentAgent extends Agent {
  /** One agent, with its own connections, per proxy address ("" for none) and per use of TLS. */
  readonly #agents = new Map<string, HttpAgent>();
  readonly #options: AgentOptions;
  readonly #written: readonly string[];

  /** `written`: the proxies' addresses as the environment spells them. */
  constructor(options: AgentOptions, written: readonly string[]) {
    super(options);
    this.#options = options;
    this.#written = written;
  }

  override async connect(request: ClientRequest, options: AgentConnectOpts): Promise<HttpAgent> {
    const scheme = options.secureEndpoint ? "https:" : "http:";
    const proxy = this.#proxyFor(`${scheme}//${request.getHeader("host")?.toString() ?? request.host}/`);
    const key = `${scheme} ${proxy}`;
    const agent = this.#agents.get(key) ?? this.#open(options.secureEndpoint, proxy);
    this.#agents.set(key, agent);
    return agent;
  }

  /** Returns the proxy's URL, or "" for none. An address without a scheme is a plain HTTP proxy, as in the AWS CLI. */
  #proxyFor(url: string): string {
    const proxy = getProxyForUrl(url);
    return this.#written.includes(proxy) ? proxy : proxy.replace(/^https:/, "http:");
  }

  #open(secure: boolean, proxy: string): HttpAgent {
    if (proxy === "") return secure ? new HttpsAgent(this.#options) : new HttpAgent(this.#options);
    return secure ? new HttpsProxyAgent(proxy, this.#options) : new HttpProxyAgent(proxy, this.#options);
  }

  override destroy(): void {
    for (const agent of this.#agents.values()) agent.destroy();
    super.destroy();
  }
}
