import { firecrackerLab, noFirecracker, noQemu, standIn } from "../../support/microvm-lab.ts";
import { vmmContract } from "../../support/vmm-contract.ts";

vmmContract("Firecracker 1.12.1", noFirecracker, () => firecrackerLab().firecracker);
vmmContract("the stand-in on QEMU", noQemu ?? noFirecracker, () => standIn);
