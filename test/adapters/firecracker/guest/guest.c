/*
 * A guest of a few KB that boots on Firecracker in milliseconds, even where KVM emulates each instruction: 32-bit
 * protected mode, no paging, no interrupts.  It is entered by the PVH note with the address of hvm_start_info in ebx.
 *
 * Its boot arguments name its steps, in order: toy=hello,timer,net,reset with net=10.0.0.2:22:SILENT:CLOSED.
 *   hello   print a line                          args    print these arguments, as Firecracker passed them
 *   timer   write to Firecracker's boot timer, at both addresses that it has had
 *   mark112 the same at that of 1.12 and before   mark113 the same at that of 1.13 and later
 *   net     be a host with one TCP port: ignore the first SILENT SYNs, refuse the next CLOSED ones, then accept.  A
 *           connection's first byte may be a command: P panics, R resets, H halts; anything else is sent back.
 *   panic   print what Linux prints, and reset    mptable print what FreeBSD prints of Firecracker's MP table, and halt
 *   reboot  print what Linux prints, and reset    reset   by the keyboard controller
 *   halt    for ever                              fault   a triple fault
 *   mute    spin for ever
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;

/* Xen's public/arch-x86/hvm/start_info.h, as far as it is used here. */
struct start_info {
	u32 magic, version, flags, modules;
	u64 module_list, command_line;
};

static inline void
out8(u16 port, u8 value)
{

	__asm__ volatile("outb %0, %1" : : "a"(value), "Nd"(port));
}

static inline u8
in8(u16 port)
{
	u8 value;

	__asm__ volatile("inb %1, %0" : "=a"(value) : "Nd"(port));
	return (value);
}

static void
print(const char * text)
{

	for (; *text; text++) {
		while ((in8(0x3f8 + 5) & 0x20) == 0)
			;
		out8(0x3f8, (u8)*text);
	}
}

static void
halt(void)
{

	for (;;)
		__asm__ volatile("cli\n\thlt");
}

static void
reset(void)
{

	out8(0x64, 0xfe);
	halt();
}

static void
panic(void)
{

	print("[    0.654321] Kernel panic - not syncing: No working init found.\n"
	    "[    0.654400] CPU: 0 PID: 1 Comm: swapper/0 Not tainted\n[    0.654500] Call Trace:\n[    0.654600]  <TASK>\n"
	    "[    0.654700]  dump_stack_lvl\n[    0.654800]  panic\n[    0.654900]  </TASK>\n");
	reset();
}

/* Where ${text} goes on after ${word}, or 0. */
static const char *
after(const char * text, const char * word)
{
	int i;

	for (i = 0; word[i]; i++)
		if (text[i] != word[i])
			return (0);
	return (text + i);
}

static const char *
search(const char * text, const char * word)
{
	const char * found;

	for (; *text; text++)
		if ((found = after(text, word)) != 0)
			return (found);
	return (0);
}

/* Read a number, decimal or 0x hexadecimal, and step over the one character behind it. */
static u32
number(const char ** text)
{
	const char * hex = after(*text, "0x");
	u32 base = hex ? 16 : 10, value = 0, digit;

	for (*text = hex ? hex : *text;; (*text)++) {
		char c = **text;

		if (c >= '0' && c <= '9')
			digit = (u32)(c - '0');
		else if (hex && c >= 'a' && c <= 'f')
			digit = (u32)(c - 'a') + 10;
		else
			break;
		value = value * base + digit;
	}
	if (**text)
		(*text)++;
	return (value);
}

/* virtio over MMIO, version 2 (OASIS virtio 1.2, section 4.2), by polling. */
enum {
	MAGIC = 0x000, DEVICE = 0x008, DRIVER_FEATURES = 0x020, DRIVER_FEATURES_SEL = 0x024, QUEUE_SEL = 0x030,
	QUEUE_NUM = 0x038, QUEUE_READY = 0x044, NOTIFY = 0x050, STATUS = 0x070, QUEUE_DESC = 0x080, QUEUE_DRIVER = 0x090,
	QUEUE_DEVICE = 0x0a0, CONFIG = 0x100
};
#define RING 16
/* Together more than 65562 bytes, or Firecracker delivers nothing. */
#define RX_BYTES 8192
/* Length of struct virtio_net_hdr_v1, which stands before each frame. */
#define HEADER 12

struct descriptor { u64 address; u32 length; u16 flags, next; };
struct driver_ring { u16 flags, index, ring[RING], event; };
struct device_ring { u16 flags, index; struct { u32 id, length; } ring[RING]; u16 event; };
struct queue {
	struct descriptor table[RING] __attribute__((aligned(16)));
	struct driver_ring driver __attribute__((aligned(4)));
	struct device_ring device __attribute__((aligned(4)));
};

static struct queue rx, tx;
static u8 rx_buffer[RING][RX_BYTES], tx_buffer[RING][512];
static u32 card;
static u8 own_mac[6];

static u32
get(u32 where)
{

	return (*(volatile u32 *)(card + where));
}

static void
set(u32 where, u32 value)
{

	*(volatile u32 *)(card + where) = value;
}

static void
fence(void)
{

	__asm__ volatile("lock orl $0, (%%esp)" : : : "memory", "cc");
}

static void
offer(struct queue * queue, u32 which, u16 slot)
{

	queue->driver.ring[queue->driver.index % RING] = slot;
	fence();
	queue->driver.index++;
	fence();
	set(NOTIFY, which);
}

static void
queue_up(struct queue * queue, u32 which)
{

	set(QUEUE_SEL, which);
	set(QUEUE_NUM, RING);
	set(QUEUE_DESC, (u32)queue->table);
	set(QUEUE_DESC + 4, 0);
	set(QUEUE_DRIVER, (u32)&queue->driver);
	set(QUEUE_DRIVER + 4, 0);
	set(QUEUE_DEVICE, (u32)&queue->device);
	set(QUEUE_DEVICE + 4, 0);
	queue->driver.flags = 1;
	set(QUEUE_READY, 1);
}

/* Find the network card that Firecracker put on the command line, and bring it up. */
static int
card_up(const char * command_line)
{
	static const u8 statuses[] = {0, 1, 3, 11};
	const char * at;
	u16 i;

	for (at = command_line; (at = search(at, "virtio_mmio.device=4K@")) != 0;) {
		card = number(&at);
		if (get(MAGIC) == 0x74726976 && get(DEVICE) == 1)
			break;
		card = 0;
	}
	if (card == 0)
		return (0);
	/* One by one: Firecracker takes no two steps at once. */
	for (i = 0; i < sizeof(statuses); i++) {
		if (statuses[i] == 11) {
			set(DRIVER_FEATURES_SEL, 0);
			set(DRIVER_FEATURES, 1 << 5);
			set(DRIVER_FEATURES_SEL, 1);
			set(DRIVER_FEATURES, 1);
		}
		set(STATUS, statuses[i]);
	}
	queue_up(&rx, 0);
	queue_up(&tx, 1);
	set(STATUS, 15);
	for (i = 0; i < 6; i++)
		own_mac[i] = *(volatile u8 *)(card + CONFIG + i);
	for (i = 0; i < RING; i++) {
		rx.table[i].address = (u32)rx_buffer[i];
		rx.table[i].length = RX_BYTES;
		rx.table[i].flags = 2;
		offer(&rx, 0, i);
	}
	return (1);
}

static void
copy(u8 * to, const u8 * from, u32 bytes)
{

	while (bytes-- > 0)
		*to++ = *from++;
}

static u32
load(const u8 * p, int bytes)
{
	u32 value = 0;

	while (bytes-- > 0)
		value = value << 8 | *p++;
	return (value);
}

static void
store(u8 * p, u32 value, int bytes)
{

	while (bytes-- > 0) {
		p[bytes] = (u8)value;
		value >>= 8;
	}
}

static u32
add16(const u8 * p, u32 bytes, u32 sum)
{

	for (; bytes > 1; bytes -= 2, p += 2)
		sum += load(p, 2);
	return (bytes ? sum + ((u32)*p << 8) : sum);
}

static u32
checksum(u32 sum)
{

	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (~sum & 0xffff);
}

static void
transmit(const u8 * frame, u32 bytes)
{
	u16 slot = tx.driver.index % RING;

	while ((u16)(tx.driver.index - *(volatile u16 *)&tx.device.index) >= RING)
		;
	copy(tx_buffer[slot] + HEADER, frame, bytes);
	tx.table[slot].address = (u32)tx_buffer[slot];
	tx.table[slot].length = HEADER + bytes;
	offer(&tx, 1, slot);
}

enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };

/* Answer the TCP segment in ${in} by one with ${flags}; state is the other end's. */
static void
answer(const u8 * in, u32 sequence, u32 acknowledged, u8 flags, const u8 * data, u32 bytes)
{
	u8 f[14 + 20 + 20 + 256];
	u8 * ip = f + 14;
	u8 * tcp = ip + 20;
	u32 i;

	for (i = 0; i < sizeof(f); i++)
		f[i] = 0;
	copy(f, in + 6, 6);
	copy(f + 6, own_mac, 6);
	store(f + 12, 0x0800, 2);
	store(ip, 0x4500, 2);
	store(ip + 2, 40 + bytes, 2);
	ip[8] = 64;
	ip[9] = 6;
	copy(ip + 12, in + 14 + 16, 4);
	copy(ip + 16, in + 14 + 12, 4);
	store(ip + 10, checksum(add16(ip, 20, 0)), 2);
	copy(tcp, in + 34 + 2, 2);
	copy(tcp + 2, in + 34, 2);
	store(tcp + 4, sequence, 4);
	store(tcp + 8, acknowledged, 4);
	tcp[12] = 0x50;
	tcp[13] = flags;
	store(tcp + 14, 4096, 2);
	copy(tcp + 20, data, bytes);
	store(tcp + 16, checksum(add16(tcp, 20 + bytes, add16(ip + 12, 8, 6 + 20 + bytes))), 2);
	transmit(f, 54 + bytes);
}

static void
arp(const u8 * in)
{
	u8 f[60];
	u32 i;

	for (i = 0; i < sizeof(f); i++)
		f[i] = 0;
	copy(f, in + 6, 6);
	copy(f + 6, own_mac, 6);
	copy(f + 12, in + 12, 8);
	store(f + 20, 2, 2);
	copy(f + 22, own_mac, 6);
	copy(f + 28, in + 38, 4);
	copy(f + 32, in + 22, 10);
	transmit(f, sizeof(f));
}

static void
net(const char * command_line)
{
	const char * at = search(command_line, " net=");
	u32 address = 0, port, silent, closed, syns = 0;
	u16 seen = 0;
	int i;

	if (at == 0 || !card_up(command_line)) {
		print("toy: no network\n");
		return;
	}
	for (i = 0; i < 4; i++)
		address = address << 8 | number(&at);
	port = number(&at);
	silent = number(&at);
	closed = number(&at);
	print("toy: network up\n");
	for (;;) {
		while (*(volatile u16 *)&rx.device.index == seen)
			;
		fence();
		u16 slot = (u16)rx.device.ring[seen++ % RING].id;
		const u8 * f = rx_buffer[slot] + HEADER;
		const u8 * tcp = f + 34;
		u32 flags = tcp[13], sequence = load(tcp + 4, 4), head = (u32)(tcp[12] >> 4) * 4;
		u32 bytes = load(f + 16, 2) - 20 - head;

		if (load(f + 12, 2) == 0x0806 && load(f + 20, 2) == 1 && load(f + 38, 4) == address)
			arp(f);
		else if (load(f + 12, 2) != 0x0800 || f[14] != 0x45 || f[23] != 6 || load(f + 30, 4) != address || flags & RST)
			;
		else if (load(tcp + 2, 2) != port)
			answer(f, 0, sequence + 1, RST | ACK, f, 0);
		else if (flags & SYN) {
			if (++syns > silent + closed)
				answer(f, 1, sequence + 1, SYN | ACK, f, 0);
			else if (syns > silent)
				answer(f, 0, sequence + 1, RST | ACK, f, 0);
		} else if (bytes > 0) {
			answer(f, load(tcp + 8, 4), sequence + bytes, PSH | ACK, tcp + head, bytes > 256 ? 256 : bytes);
			if (tcp[head] == 'P')
				panic();
			if (tcp[head] == 'R')
				reset();
			if (tcp[head] == 'H')
				halt();
		} else if (flags & FIN)
			answer(f, load(tcp + 8, 4), sequence + 1, FIN | ACK, f, 0);
		offer(&rx, 0, slot);
	}
}

void
guest(const struct start_info * info)
{
	const char * line = (const char *)(u32)info->command_line;
	const char * step = search(line, "toy=");

	for (; step != 0; step = *step == ',' ? step + 1 : 0) {
		if (after(step, "hello"))
			print("toy: hello\n");
		else if (after(step, "timer")) {
			/* Firecracker up to 1.12, and since 1.13. */
			*(volatile u8 *)0xd0000000 = 123;
			*(volatile u8 *)0xc0000000 = 123;
		} else if (after(step, "mark112"))
			*(volatile u8 *)0xd0000000 = 123;
		else if (after(step, "mark113"))
			*(volatile u8 *)0xc0000000 = 123;
		else if (after(step, "args")) {
			print(line);
			print("\n");
		} else if (after(step, "net"))
			net(line);
		else if (after(step, "panic"))
			panic();
		else if (after(step, "mptable")) {
			print("panic: mptable_walk_table: Unknown MP Config Entry 68\n\ncpuid = 0\ntime = 1\n"
			    "KDB: stack backtrace:\n#0 kdb_backtrace\n#1 vpanic\n#2 panic\nKDB: enter: panic\n");
			halt();
		} else if (after(step, "fault"))
			__asm__ volatile("push $0\n\tpush $0\n\tlidt (%esp)\n\tint3");
		else if (after(step, "mute"))
			for (;;)
				;
		else if (after(step, "reboot")) {
			print("[    0.700000] reboot: Restarting system\n");
			reset();
		} else if (after(step, "reset")) {
			print("toy: reset\n");
			reset();
		}
		while (*step != ',' && *step != ' ' && *step != 0)
			step++;
	}
	halt();
}

__asm__(
#ifndef NO_PVH
    ".pushsection .note.Xen, \"a\", @note\n"
    "	.long 4, 8, 18\n"
    "	.asciz \"Xen\"\n"
    "	.long entry, 0\n"
    ".popsection\n"
#endif
    ".pushsection .text\n"
    ".globl entry\n"
    "entry:\n"
    "	movl $stack_end, %esp\n"
    "	pushl %ebx\n"
    "	call guest\n"
    "	hlt\n"
    ".popsection\n"
    ".pushsection .bss\n"
    "	.balign 16\n"
    "	.skip 16384\n"
    "stack_end:\n"
    ".popsection\n");
