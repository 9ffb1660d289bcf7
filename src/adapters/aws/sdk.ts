// The part of the AWS SDK that is used, by name: loaded by `import()` alone, so that only commands which talk to AWS
// pay for it, and so that a bundler can drop the rest.

export {
  CancelSpotInstanceRequestsCommand,
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  GetConsoleScreenshotCommand,
  paginateDescribeInstances,
  paginateDescribeInstanceTypes,
  paginateDescribeInstanceTypeOfferings,
  paginateDescribeSpotInstanceRequests,
  paginateDescribeSpotPriceHistory,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
export {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  paginateGetParametersByPath,
  paginateListCommands,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
