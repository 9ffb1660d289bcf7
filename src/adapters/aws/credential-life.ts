// How long credentials last, and whether the SDK can get new ones.

import type { AwsAccount } from "./account.ts";

export interface CredentialLife {
  readonly until: Date;
  /** Whether new ones are got without anybody's doing; while the SSO session lasts where it is one. */
  readonly renewed: "yes" | "no" | "while the SSO session lasts";
}

/** Undefined for credentials that do not end. Throws what the SDK throws where there are none. */
export async function credentialLife({ ec2 }: AwsAccount): Promise<CredentialLife | undefined> {
  const { expiration, $source: source = {} } = (await ec2.config.credentials()) as {
    expiration?: Date;
    $source?: Readonly<Record<string, unknown>>;
  };
  if (expiration === undefined) return undefined;
  const from = Object.keys(source);
  // The SDK marks where they are from: what is in the environment or in a file stays as it is.
  if (from.some((name) => name.startsWith("CREDENTIALS_SSO") || name.startsWith("CREDENTIALS_PROFILE_SSO")))
    return { until: expiration, renewed: "while the SSO session lasts" };
  const fixed = from.includes("CREDENTIALS_ENV_VARS") || from.length === 0;
  return { until: expiration, renewed: fixed ? "no" : "yes" };
}

/** That the credentials end before the machines' deadline, where they do and are not renewed. */
export async function credentialNotes(account: AwsAccount, spec: { readonly max_hours: number }): Promise<string[]> {
  const life = await credentialLife(account).catch(() => undefined);
  if (life === undefined || life.renewed === "yes") return [];
  const end_ms = Date.now() + account.watch.offset_ms + spec.max_hours * 3_600_000;
  if (life.until.getTime() >= end_ms) return [];
  const until = life.until.toISOString();
  if (life.renewed === "no")
    return [`the credentials end at ${until}, before the machines' deadline, and nobody renews them`];
  return [`the credentials end at ${until}, before the machines' deadline: renewed ${life.renewed}`];
}
