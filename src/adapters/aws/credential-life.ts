// How long credentials last, and whether the SDK can get new ones.

import type { AwsAccount } from "./account.ts";

export interface CredentialLife {
  readonly until: Date;
  /** Whether the SDK gets new credentials by itself. SSO credentials are renewed only while the SSO session lasts. */
  readonly renewed: "yes" | "no" | "while the SSO session lasts";
}

/**
 * Returns undefined for credentials that do not expire.
 *
 * @throws what the SDK throws if there are no credentials
 */
export async function credentialLife({ ec2 }: AwsAccount): Promise<CredentialLife | undefined> {
  const { expiration, $source: source = {} } = (await ec2.config.credentials()) as {
    expiration?: Date;
    $source?: Readonly<Record<string, unknown>>;
  };
  if (expiration === undefined) return undefined;
  const from = Object.keys(source);
  // The SDK marks the source. Credentials from the environment or from a file are never renewed.
  if (from.some((name) => name.startsWith("CREDENTIALS_SSO") || name.startsWith("CREDENTIALS_PROFILE_SSO")))
    return { until: expiration, renewed: "while the SSO session lasts" };
  const fixed = from.includes("CREDENTIALS_ENV_VARS") || from.length === 0;
  return { until: expiration, renewed: fixed ? "no" : "yes" };
}

/** Returns a note if the credentials expire before the machines' deadline and are not renewed. */
export async function credentialNotes(account: AwsAccount, spec: { readonly max_hours: number }): Promise<string[]> {
  const life = await credentialLife(account).catch(() => undefined);
  if (life === undefined || life.renewed === "yes") return [];
  const end_ms = Date.now() + account.watch.offset_ms + spec.max_hours * 3_600_000;
  if (life.until.getTime() >= end_ms) return [];
  const until = life.until.toISOString();
  if (life.renewed === "no")
    return [`the credentials expire at ${until}, before the machines' deadline, and are not renewed`];
  return [`the credentials expire at ${until}, before the machines' deadline: renewed ${life.renewed}`];
}
