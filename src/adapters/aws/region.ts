// The region of the user's profile, for when neither an option nor the environment names one.

import { TimetrialError } from "../../domain/errors.ts";
import { printable } from "../../domain/printable.ts";

/**
 * Returns the region of the profile that AWS_PROFILE names, or of the default profile. The SDK reads the user's files.
 *
 * @throws TimetrialError REGION_UNKNOWN if nothing names a region: a guess must not decide where machines launch
 */
export async function profileRegion(): Promise<string> {
  process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] = "true";
  const { EC2Client } = await import("./sdk.ts");
  const client = new EC2Client({});
  try {
    const region = await client.config.region();
    if (/^[a-z]{2,4}(-[a-z]+)+-\d$/.test(region)) return region;
    throw new TimetrialError("REGION_UNKNOWN", `the AWS profile names the region ${JSON.stringify(region)}`, {
      hint: "expected one such as us-east-1; --region overrides it",
    });
  } catch (cause) {
    if (cause instanceof TimetrialError) throw cause;
    const { message } = cause as Error;
    if (!/region is missing/i.test(message))
      throw new TimetrialError("REGION_UNKNOWN", `the AWS profile's region: ${printable(message)}`, { cause });
    const profile = process.env["AWS_PROFILE"] || "default";
    throw new TimetrialError("REGION_UNKNOWN", "no region is named: not by --region, AWS_REGION, or an AWS profile", {
      cause,
      hint: `add --region us-east-1, or set one for the profile: aws configure set region us-east-1 --profile ${profile}`,
    });
  } finally {
    client.destroy();
  }
}
