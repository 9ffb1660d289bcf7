// The clients that ask about the account itself, apart from the others: only who asks loads them.

export { GetServiceQuotaCommand, ServiceQuotasClient } from "@aws-sdk/client-service-quotas";
export { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
