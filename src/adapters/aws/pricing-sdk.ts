// The SDK clients of the price list and of IAM. They are in a file of their own so that only their callers load them.

export { GetInstanceProfileCommand, IAMClient, SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
export { GetProductsCommand, PricingClient } from "@aws-sdk/client-pricing";
