// What AWS's refusals become for the user, and which of them prove that nothing was launched.

import { describe, expect, test } from "vitest";
import { awsError, isRefusedLaunch, isTransient } from "../../../src/adapters/aws/errors.ts";

function answered(name: string, status: number, message = "as AWS says it"): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

describe("nothing was launched", () => {
  test.each([
    "TagPolicyViolation",
    "ReservationCapacityExceeded",
    "OperationNotPermitted",
    "NetworkInterfaceLimitExceeded",
    "SecurityGroupsPerInstanceLimitExceeded",
    "CustomerKeyHasBeenRevoked",
    "EncryptedVolumesNotSupported",
    "VcpuLimitExceeded",
    "MissingInput",
    "InsufficientFreeAddressesInSubnet",
    "SomethingThatAwsAddsTomorrow",
  ])("is proved by a 4xx answer, whatever its code: %s", (code) => {
    expect(isRefusedLaunch(answered(code, 400))).toBe(true);
  });

  test("is proved by a 404 and by a lack of capacity, whose status is 500", () => {
    expect(isRefusedLaunch(answered("NoSuchEntity", 404))).toBe(true);
    expect(isRefusedLaunch(answered("InsufficientInstanceCapacity", 500))).toBe(true);
  });

  test.each([
    ["InternalError", 500],
    ["Unavailable", 503],
    ["RequestLimitExceeded", 503],
    ["Throttling", 400],
    ["ThrottlingException", 400],
    ["RequestTimeout", 408],
    ["IdempotentParameterMismatch", 400],
    ["NotAnAwsAnswer", 403],
  ])("is not proved by %s (HTTP %i)", (code, status) => {
    expect(isRefusedLaunch(answered(code, status))).toBe(false);
  });

  test("is not proved by a lost connection, and is by a lack of credentials", () => {
    expect(isRefusedLaunch(Object.assign(new Error("socket hang up"), { code: "ECONNRESET" }))).toBe(false);
    expect(isRefusedLaunch(Object.assign(new Error("none"), { name: "CredentialsProviderError" }))).toBe(true);
  });
});

describe("AWS's own words are kept", () => {
  const told = (name: string, message: string, status = 400) => awsError(answered(name, status, message), "launching");

  test("of an expired SSO session, with the command that begins another", () => {
    const message = "Token is expired. To refresh this SSO session run 'aws sso login' with the corresponding profile.";
    const error = told("CredentialsProviderError", message);
    expect(error.message).toContain("Token is expired");
    expect(error.hint).toMatch(/^run 'aws sso login/);
  });

  test("of a misspelt profile", () => {
    const message = "Could not resolve credentials using profile: [bech] in configuration/credentials file(s).";
    const error = told("CredentialsProviderError", message);
    expect(error.message).toContain("[bech]");
    expect(error.hint).toContain("AWS_PROFILE");
  });

  test("of a profile that wants a code, and of a credential_process that fails", () => {
    const mfa = "Profile ops requires multi-factor authentication, but no MFA code callback was provided.";
    expect(told("CredentialsProviderError", mfa).message).toContain(mfa);
    expect(told("CredentialsProviderError", mfa).hint).toContain("aws sts get-session-token");
    const process = "Profile ops credential_process did not return Version 1.";
    expect(told("CredentialsProviderError", process).hint).toContain("credential_process");
  });

  test("of a subscription that is missing, with its address", () => {
    const message =
      "In order to use this AWS Marketplace product you need to accept terms and subscribe. To do so please visit https://aws.amazon.com/marketplace/pp?sku=abc.";
    const error = told("OptInRequired", message, 401);
    expect(error).toMatchObject({
      code: "REFUSED",
      hint: "accept its terms first: https://aws.amazon.com/marketplace/pp?sku=abc",
    });
    expect(error.message).toContain("accept terms and subscribe");
  });

  test("of an image that its owner does not share: the credentials are well", () => {
    const error = told("AuthFailure", "Not authorized for images: [ami-0123456789abcdef0]", 403);
    expect(error).toMatchObject({ code: "REFUSED", message: expect.stringContaining("ami-0123456789abcdef0") });
  });

  test("of a region that is not enabled", () => {
    const message = "AWS was not able to validate the provided access credentials";
    const error = told("AuthFailure", message, 401);
    expect(error.message).toContain(message);
    expect(error.hint).toContain("is the region enabled");
  });

  test("of what a policy forbids, but for the encoded message, which goes into the command that decodes it", () => {
    const blob = "q".repeat(700);
    const message = `You are not authorized to perform this operation. User: arn:aws:iam::1:user/a. Encoded authorization failure message: ${blob}`;
    const error = told("UnauthorizedOperation", message, 403);
    expect(error.message).toContain("User: arn:aws:iam::1:user/a");
    expect(error.message).not.toContain("qqq");
    expect(error.hint).toContain(`aws sts decode-authorization-message --encoded-message ${blob}`);
  });

  test("of an account without a default network, with --subnet", () => {
    expect(told("VPCIdNotSpecified", "No default VPC for this user").hint).toContain("--subnet");
  });

  test("and none of a terminal's control characters", () => {
    expect(told("Unsupported", "a\u001b[2Jb").message).not.toContain("\u001b");
  });
});

describe("a network that fails for a while", () => {
  test.each(["ENETDOWN", "ENETUNREACH", "EADDRNOTAVAIL", "EHOSTUNREACH", "EHOSTDOWN", "ECONNRESET", "EAI_AGAIN"])(
    "is no answer: %s",
    (code) => {
      expect(isTransient(Object.assign(new Error("connect"), { code }))).toBe(true);
    },
  );

  test("is not a name that never led anywhere: there the region is misspelt", () => {
    const error = Object.assign(new Error("getaddrinfo ENOTFOUND ec2.eu-nowhere-1.amazonaws.com"), {
      code: "ENOTFOUND",
    });
    expect(isTransient(error)).toBe(false);
    expect(awsError(error, "asking")).toMatchObject({ code: "REGION_UNKNOWN" });
  });
});
