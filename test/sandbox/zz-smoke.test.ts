import { test } from "vitest";
import { EC2Client, RunInstancesCommand, DescribeInstancesCommand, TerminateInstancesCommand, GetConsoleOutputCommand } from "@aws-sdk/client-ec2";
import { SSMClient, SendCommandCommand, GetCommandInvocationCommand, DescribeInstanceInformationCommand, GetParameterCommand } from "@aws-sdk/client-ssm";
import { startSandbox } from "../../src/sandbox/start.ts";
import { mkdtempSync } from "node:fs";
const sleep=(ms:number)=>new Promise(r=>setTimeout(r,ms));
for (const isolation of ["namespace","marker"] as const)
test("smoke "+isolation, async () => {
  const dir = mkdtempSync("/tmp/tts-");
  const t0=Date.now();
  const sb = await startSandbox({dir, timeScale:0.1, isolation});
  console.log("start", Date.now()-t0, sb.endpoint);
  const conf={endpoint:sb.endpoint, region:"us-east-1", credentials:sb.credentials};
  const ec2=new EC2Client(conf), ssm=new SSMClient(conf);
  const p=await ssm.send(new GetParameterCommand({Name:"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"}));
  const r=await ec2.send(new RunInstancesCommand({ImageId:p.Parameter!.Value!, InstanceType:"s1.medium" as never, MinCount:1,MaxCount:1, UserData:Buffer.from("#!/bin/sh\necho hi from ud; env; id; ls -l /proc/1/exe; mkdir -p ${TIMETRIAL_ROOT}/var/lib/x\n").toString("base64"), TagSpecifications:[{ResourceType:"instance",Tags:[{Key:"k",Value:"&<é"}]}]}));
  const id=r.Instances![0]!.InstanceId!;
  console.log(id, r.Instances![0]!.State);
  await sleep(400);
  console.log(JSON.stringify((await ec2.send(new DescribeInstancesCommand({InstanceIds:[id]}))).Reservations![0]!.Instances![0]));
  console.log(JSON.stringify((await ssm.send(new DescribeInstanceInformationCommand({}))).InstanceInformationList));
  for (const cmd of ["true","true","true", "env; ps ax | head -20; cat /proc/self/stat; echo e >/dev/stderr; pwd", "exit 3"]) {
    const s=performance.now();
    const c=await ssm.send(new SendCommandCommand({DocumentName:"AWS-RunShellScript",InstanceIds:[id],Parameters:{commands:[cmd],executionTimeout:["60"]}}));
    const sent=performance.now();
    for(;;){ await sleep(5); try { const g=await ssm.send(new GetCommandInvocationCommand({CommandId:c.Command!.CommandId!,InstanceId:id}));
      if(g.Status!=="InProgress"&&g.Status!=="Pending"){console.log(cmd.slice(0,10), g.Status,g.ResponseCode,g.ExecutionElapsedTime,(sent-s).toFixed(0),(performance.now()-s).toFixed(0)); if(cmd!=="true")console.log(g.StandardOutputContent,"ERR",g.StandardErrorContent);break;} } catch(e){ if((e as Error).name!=="InvocationDoesNotExist") throw e; } }
  }
  console.log(Buffer.from((await ec2.send(new GetConsoleOutputCommand({InstanceId:id}))).Output!,"base64").toString());
  await ec2.send(new TerminateInstancesCommand({InstanceIds:[id]}));
  await sleep(100);
  console.log(JSON.stringify((await ec2.send(new DescribeInstancesCommand({InstanceIds:[id]}))).Reservations![0]!.Instances![0]!.State));
  const tc=Date.now();
  await sb.close(); console.log("closed", Date.now()-tc);
  ec2.destroy(); ssm.destroy();
});
