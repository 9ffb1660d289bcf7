// An agent of Node's that asks the environment for each request whether, and through which proxy, it goes. Apart, since
// only who has a proxy or certificates of their own loads it.

import { Agent as HttpAgent, type ClientRequest } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import { Agent, type AgentConnectOpts } from "agent-base";
import { HttpProxyAgent } from "http-proxy-agent";
import { HttpsProxyAgent } from "https-proxy-agent";
import { getProxyForUrl } from "proxy-from-env";

export class EnvironmentAgent extends Agent {
  /** By the proxy's address, or "" for none, and by whether the request is over TLS: each keeps its own connections. */
  readonly #agents = new Map<string, HttpAgent>();
  readonly #options: AgentOptions;
  readonly #written: readonly string[];

  /** `written`: the proxies' addresses as the environment has them. */
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

  /** "" for none. An address without a scheme is one of a plain HTTP proxy, as the AWS CLI takes it. */
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
