// What the sandbox's account offers: regions, zones, types, images and the public parameters that name them.
//
// The families are s1 and s2; every machine of both is this host, so they have its architecture.

import { createHash } from "node:crypto";
import type { Architecture } from "../domain/plan/image.ts";

export const hostArchitecture: Architecture = process.arch === "arm64" ? "arm64" : "x86_64";

/** What SSM calls the system of an instance. */
export const platform = { name: "timetrial sandbox", version: "1" } as const;

export const regions = ["us-east-1", "us-west-2"] as const;

export interface Zone {
  readonly region: string;
  readonly name: string;
  readonly id: string;
  readonly subnetId: string;
  readonly cidr: string;
  /** First groups of its subnet's IPv6 addresses, with the colons after them; absent where it has none. */
  readonly ipv6Prefix?: string;
  /** A Local Zone: it offers types, and has no default subnet. */
  readonly isLocal?: true;
}

export const zones: readonly Zone[] = regions.flatMap((region) => [
  ...["a", "b"].map((letter, index) => ({
    region,
    name: `${region}${letter}`,
    id: `${region === "us-east-1" ? "use1" : "usw2"}-az${index + 1}`,
    subnetId: `subnet-${idOf(region, "subnet", letter)}`,
    cidr: `10.0.${index * 16}.0/20`,
    // The subnet of the first zone alone has IPv6.
    ...(index === 0 ? { ipv6Prefix: "2001:db8:0:1::" } : {}),
  })),
  // Opted in, as many accounts have it: its name sorts before the region's own zones.
  ...(region === "us-east-1"
    ? [{ region, name: "us-east-1-bos-1a", id: "use1-bos1-az1", subnetId: "", cidr: "", isLocal: true as const }]
    : []),
]);

export function vpcId(region: string): string {
  return `vpc-${idOf(region, "vpc")}`;
}

/** The group that an instance gets which names none. */
export function defaultGroupId(region: string): string {
  return `sg-${idOf(region, "default-group")}`;
}

/** The one route table of the VPC, its main one: out by an internet gateway. */
export function routeTableId(region: string): string {
  return `rtb-${idOf(region, "route-table")}`;
}

export function internetGatewayId(region: string): string {
  return `igw-${idOf(region, "internet-gateway")}`;
}

export interface SecurityGroup {
  readonly id: string;
  readonly name: string;
  /** TCP ports that it lets in, from anywhere. */
  readonly open: readonly number[];
  /** Whether it lets its own members in, on everything, as a default group does. */
  readonly own: boolean;
}

/** The groups of a region's network: its own, one for boot runs that lets their ports in, and one that lets nothing in. */
export function securityGroupsOf(region: string): SecurityGroup[] {
  return [
    { id: defaultGroupId(region), name: "default", open: [], own: true },
    { id: "sg-0000000000000000a", name: "shut", open: [], own: false },
    { id: "sg-0000000000000000b", name: "ssh", open: [22, 2222], own: false },
  ];
}

/** The name of a profile whose role has no policy: no SSM agent comes online with it. */
export const profileWithoutPolicy = "no-policy";

/** Names of the instance profiles that the account has. Each has a role of its own name. */
export const instanceProfiles: readonly string[] = ["bench", "machine", profileWithoutPolicy, "timetrial-machine"];

/** The one dedicated host that the account has in each zone. */
export function dedicatedHostId(zone: Zone): string {
  return `h-${idOf(zone.name, "host")}`;
}

export interface MachineType {
  readonly name: string;
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly burstable: boolean;
  /** Last letters of the zones that have it. */
  readonly zoneLetters: string;
}

const sizes = { medium: [2, 4096], large: [2, 8192], xlarge: [4, 16_384] } as const;

export const machineTypes: readonly MachineType[] = [
  ...["s1", "s2"].flatMap((family) =>
    Object.entries(sizes).map(([size, [vcpus, memoryMiB]]) => ({
      name: `${family}.${size}`,
      vcpus,
      memoryMiB,
      burstable: false,
      zoneLetters: "ab",
    })),
  ),
  // There to be refused: a burstable type, and one that a zone lacks.
  { name: "t9.medium", vcpus: 2, memoryMiB: 4096, burstable: true, zoneLetters: "b" },
];

export function isOffered(type: MachineType, zone: Zone): boolean {
  return type.zoneLetters.includes(zone.name.slice(-1));
}

export interface SandboxImage {
  readonly region: string;
  readonly id: string;
  readonly name: string;
  readonly ownerId: string;
  readonly ownerAlias: string | undefined;
  readonly architecture: Architecture;
  readonly rootDevice: string;
  readonly sizeGiB: number;
  readonly parameter: string;
  /** How it is billed, where that is not plain Linux. */
  readonly billing?: { readonly operation: string; readonly details: string; readonly isWindows?: true };
}

/** What was announced of each release (freebsd-doc, releases/N/announce.adoc), and one beta, one branch under way. */
const freebsd: readonly { release: string; branch?: string; flavours: string[]; fileSystems: string[] }[] = [
  { release: "13.1", flavours: ["base"], fileSystems: ["ufs"] },
  { release: "13.5", flavours: ["base"], fileSystems: ["ufs"] },
  { release: "14.1", flavours: ["base", "cloud-init"], fileSystems: ["ufs", "zfs"] },
  { release: "14.2", flavours: ["base", "cloud-init", "small"], fileSystems: ["ufs", "zfs"] },
  { release: "14.3", flavours: ["base", "cloud-init", "small", "builder"], fileSystems: ["ufs", "zfs"] },
  { release: "15.0", branch: "BETA2", flavours: ["base", "small"], fileSystems: ["ufs", "zfs"] },
  { release: "15.0", flavours: ["base", "cloud-init", "small", "builder"], fileSystems: ["ufs", "zfs"] },
  { release: "16.0", branch: "CURRENT", flavours: ["base"], fileSystems: ["ufs", "zfs"] },
];

export const images: readonly SandboxImage[] = regions.flatMap((region) =>
  (["x86_64", "arm64"] as const).flatMap((architecture) => imagesOf(region, architecture)),
);

function imagesOf(region: string, architecture: Architecture): SandboxImage[] {
  const debian = architecture === "x86_64" ? "amd64" : "arm64";
  const made = (
    name: string,
    parameter: string,
    rest: Pick<SandboxImage, "ownerId" | "rootDevice" | "sizeGiB"> &
      Partial<Pick<SandboxImage, "ownerAlias" | "billing">>,
  ): SandboxImage => ({
    region,
    id: `ami-${idOf(region, parameter)}`,
    name,
    architecture,
    parameter,
    ownerAlias: undefined,
    ...rest,
  });
  return [
    made(
      `al2023-ami-sandbox-kernel-default-${architecture}`,
      `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`,
      { ownerId: "137112412989", ownerAlias: "amazon", rootDevice: "/dev/xvda", sizeGiB: 8 },
    ),
    made(
      `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${debian}-server-sandbox`,
      `/aws/service/canonical/ubuntu/server/24.04/stable/current/${debian}/hvm/ebs-gp3/ami-id`,
      { ownerId: "099720109477", rootDevice: "/dev/sda1", sizeGiB: 8 },
    ),
    made(`debian-12-${debian}-sandbox`, `/aws/service/debian/release/12/latest/${debian}`, {
      ownerId: "136693071363",
      rootDevice: "/dev/xvda",
      sizeGiB: 8,
    }),
    made(
      `ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-${debian}-server-sandbox`,
      `/aws/service/canonical/ubuntu/server/22.04/stable/current/${debian}/hvm/ebs-gp2/ami-id`,
      { ownerId: "099720109477", rootDevice: "/dev/sda1", sizeGiB: 8 },
    ),
    made(`suse-sles-15-sp6-${architecture}-sandbox`, `/aws/service/suse/sles/15-sp6/${architecture}/latest`, {
      ownerId: "013907871322",
      rootDevice: "/dev/sda1",
      sizeGiB: 10,
      billing: { operation: "RunInstances:000g", details: "SUSE Linux" },
    }),
    made(
      `Windows_Server-2022-English-Core-Base-${architecture}-sandbox`,
      `/aws/service/ami-windows-latest/Windows_Server-2022-English-Core-Base-${architecture}`,
      {
        ownerId: "801119661308",
        rootDevice: "/dev/sda1",
        sizeGiB: 30,
        billing: { operation: "RunInstances:0002", details: "Windows", isWindows: true },
      },
    ),
    ...freebsd.flatMap(({ release, branch = "RELEASE", flavours, fileSystems }) =>
      flavours.flatMap((flavour) =>
        fileSystems.map((fs) => {
          // As it was announced: the one release whose Arm images are under the other spelling.
          const arch = debian === "arm64" && release === "14.1" ? "aarch64" : debian;
          return made(
            `FreeBSD ${release}-${branch}-${debian} ${flavour} ${fs.toUpperCase()} sandbox`,
            `/aws/service/freebsd/${arch}/${flavour}/${fs}/${release}/${branch}`,
            { ownerId: "782442783595", rootDevice: "/dev/sda1", sizeGiB: 6 },
          );
        }),
      ),
    ),
  ];
}

/** Parameters of the account's own, beside the public ones: each holds the image of another, and bears a label. */
export const ownParameters: readonly { readonly name: string; readonly label: string; readonly of: string }[] = [
  {
    name: "golden-image",
    label: "tested",
    of: `/aws/service/debian/release/12/latest/${hostArchitecture === "arm64" ? "arm64" : "amd64"}`,
  },
];

/** Seventeen hexadecimal digits, the same at every start. */
function idOf(...parts: readonly string[]): string {
  return `0${createHash("sha256").update(parts.join("\0")).digest("hex").slice(0, 16)}`;
}
