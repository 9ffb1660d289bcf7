// The SDK clients for questions about the account itself. They are in a file of their own so that only their callers
// load them.

export { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
export { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
