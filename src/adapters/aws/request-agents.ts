// How requests to AWS leave this computer: through the proxy and with the certificates that the environment names, as
// in the AWS CLI (HTTPS_PROXY, HTTP_PROXY, NO_PROXY, in upper or lower case, and AWS_CA_BUNDLE).

import type { Agent as HttpAgent } from "node:http";
import type { Agent as HttpsAgent } from "node:https";
import { defined } from "../../domain/defined.ts";
import { TimetrialError } from "../../domain/errors.ts";
import { readNamedFile, type UnreadableFile } from "../folders/named-file.ts";

/** Agents for the SDK's `requestHandler`. */
export interface RequestAgents {
  readonly httpAgent: HttpAgent;
  readonly httpsAgent: HttpsAgent;
}

/** The same agents twice: with connections that are kept alive, and with one connection per request. */
export interface EnvironmentAgents {
  readonly kept: RequestAgents;
  /** For calls that are sent once: a proxy may have closed a kept connection. */
  readonly perCall: RequestAgents;
}

/** More than any system's certificates. */
const mostBundle_bytes = 64 * 2 ** 20;

const proxyVariables = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] as const;

/**
 * Returns the agents that all clients of one account share; undefined if the environment names neither a proxy nor
 * certificates, so that the SDK uses its own agents.
 *
 * @throws TimetrialError USAGE if a proxy's address is not an http or https URL, or AWS_CA_BUNDLE names no readable
 * file
 */
export async function agentsOfEnvironment(): Promise<EnvironmentAgents | undefined> {
  const bundle = process.env["AWS_CA_BUNDLE"] ?? "";
  const proxies = proxyVariables
    .flatMap((name) => [name, name.toLowerCase()])
    .map((name) => ({ name, address: process.env[name] ?? "" }))
    .filter(({ address }) => address !== "");
  if (bundle === "" && proxies.length === 0) return undefined;
  for (const { name, address } of proxies) checkProxy(name, address);
  const ca = bundle === "" ? undefined : await readBundle(bundle);
  const { EnvironmentAgent } = await import("./environment-agent.ts");
  const written = proxies.map(({ address }) => address);
  const agents = (keepAlive: boolean): RequestAgents => {
    const agent = new EnvironmentAgent({ keepAlive, ...defined({ ca }) }, written);
    return { httpAgent: agent, httpsAgent: agent as unknown as HttpsAgent };
  };
  return { kept: agents(true), perCall: agents(false) };
}

/** Checks a proxy's address, but never prints it: it may contain a password. */
function checkProxy(name: string, text: string): void {
  const address = text.includes("://") ? text : `http://${text}`;
  if (/^https?:/i.test(address) && URL.canParse(address)) return;
  throw new TimetrialError(
    "USAGE",
    `${name}: expected an address such as http://proxy.example:3128, got something else`,
    {
      hint: "proxies of other kinds, such as SOCKS, are not supported",
    },
  );
}

async function readBundle(path: string): Promise<string> {
  let text;
  try {
    text = (await readNamedFile(path, mostBundle_bytes, "follow")).toString();
  } catch (cause) {
    const { message } = cause as UnreadableFile;
    throw new TimetrialError("USAGE", `AWS_CA_BUNDLE: ${JSON.stringify(path)}: ${message}`, { cause });
  }
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new TimetrialError(
    "USAGE",
    `AWS_CA_BUNDLE: expected certificates in PEM form, found none in ${JSON.stringify(path)}`,
  );
}
