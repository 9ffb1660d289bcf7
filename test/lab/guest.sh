#!/bin/sh
#
# guest.sh FOLDER PORT HOST-ID [WORD...]: boot the guest of FOLDER, emulated, with its port 22 on this computer's 127.0.0.1:PORT and
# no other way in or out, until it is killed.  What it says goes to FOLDER/console: its host key, then "guest is up".  The
# disk stays as it is.  HOST-ID is the computer that it is on.  WORDs are more of QEMU's.
set -eu

cd "$1"
port=$2
host=$3
shift 3
exec qemu-system-aarch64 -M virt -cpu max,pmu=on -accel tcg -smp 2 -m 768				\
    -display none -nodefaults -no-reboot -serial file:console					\
    -kernel kernel -initrd initramfs								\
    -append "console=ttyAMA0 panic=-1 quiet nokaslr cryptomgr.notests lab.emulated=qemu-tcg lab.host=${host}"	\
    -drive id=disk,file=disk,format=raw,if=none,snapshot=on -device virtio-blk-device,drive=disk	\
    -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:22"		\
    -device virtio-net-device,netdev=net "$@"
