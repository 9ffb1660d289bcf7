// The SDK clients of a boot run. A timed call must be exactly one call, without retries, and the cost of its connection
// must be known.

import { lookup as lookUp, type LookupAddress } from "node:dns";
import { Agent } from "node:http";
import { Agent as TlsAgent } from "node:https";
import type { EC2Client } from "@aws-sdk/client-ec2";
import { defined } from "../../../domain/defined.ts";
import type { AwsAccount } from "../../aws/account.ts";

/** Describes in words how the launch call connects. */
export function connectionDescription({ agents }: Pick<AwsAccount, "agents">): string {
  return agents === undefined
    ? "a new connection per call (TCP, and TLS where the endpoint has it), name resolved before, no retry"
    : "through the proxy or with the certificates that the environment names, a new connection per call, no retry";
}

export interface BootClients {
  /** Opens a new connection for each call. */
  readonly launching: EC2Client;
  /** Keeps its connections alive. Their number is not limited. */
  readonly describing: EC2Client;
}

export function bootClients(account: AwsAccount): BootClients {
  const { credentials, endpoint } = account.ec2.config;
  const lookup = remembering();
  const client = (keepAlive: boolean): EC2Client =>
    new account.sdk.EC2Client({
      region: account.region,
      credentials,
      ...defined({ endpoint }),
      maxAttempts: 1,
      requestHandler: {
        ...(account.agents?.perCall ?? {
          httpAgent: new Agent({ keepAlive, maxSockets: Infinity, lookup }),
          httpsAgent: new TlsAgent({ keepAlive, maxSockets: Infinity, lookup }),
        }),
        connectionTimeout: 20_000,
        requestTimeout: 60_000,
      },
    });
  return { launching: client(false), describing: client(true) };
}

/** Resolves each host name once, so that only the first call includes a DNS look-up. */
function remembering(): typeof lookUp {
  const known = new Map<string, LookupAddress[]>();
  const remembered = (
    name: string,
    options: { all?: boolean; family?: unknown },
    done: (error: Error | null, address?: string | LookupAddress[], family?: number) => void,
  ): void => {
    const answer = (found: LookupAddress[]): void => {
      const first = found[0];
      if (options.all === true) done(null, found);
      else done(null, first?.address, first?.family);
    };
    const found = known.get(name);
    if (found !== undefined) {
      answer(found);
      return;
    }
    lookUp(name, { all: true }, (error, addresses) => {
      if (error !== null) {
        done(error);
        return;
      }
      known.set(name, addresses);
      answer(addresses);
    });
  };
  return remembered as unknown as typeof lookUp;
}
