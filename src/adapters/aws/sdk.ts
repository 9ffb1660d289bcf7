// The part of the AWS SDK that is used, by name: loaded by `import()` alone, so that only commands which talk to AWS
// pay for it, and so that a bundler can drop the rest.

export {
  DescribeImagesCommand,
  DescribeInstancesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  GetConsoleOutputCommand,
  GetConsoleScreenshotCommand,
  paginateDescribeInstances,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
export {
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  paginateListCommands,
  SendCommandCommand,
  SSMClient,
} from "@aws-sdk/client-ssm";
