// The parts of the SDK's IAM client that doctor uses. They are in a file of their own so that only it loads them.

export { GetInstanceProfileCommand, IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
