# The time trial of FreeBSD's `md5 -t`, without the clock, by the libcrypto that Python's hashlib uses:
#
#     evp.py ALG CONTEXTS BLOCKS    BLOCKS blocks of 10000 bytes through a context; CONTEXTS of them, in turn
#     evp.py facts                  what is known of that libcrypto
#
# Prints "Digest = HEX" for every context.  Python 3.6 and later.
import hashlib
import sys


def new(alg):
    try:
        context = hashlib.new(alg, usedforsecurity=False)
    except TypeError:  # before 3.9
        context = hashlib.new(alg)
    # hashlib falls back to code of its own where it was built without OpenSSL: that would be another implementation.
    if type(context).__module__ != "_hashlib":
        sys.exit("evp.py: %s: this Python's hashlib does not use OpenSSL" % alg)
    return context


def trial(alg, contexts, blocks):
    block = bytes(i & 0xFF for i in range(10000))
    for _ in range(contexts):
        context = new(alg)
        update = context.update
        for _ in range(blocks):
            update(block)
        print("Digest = " + context.hexdigest())


def facts():
    import platform

    print("fact.python_version=" + platform.python_version())
    try:
        import _hashlib
        import ctypes

        # A handle on the module finds the symbols of the very libcrypto that it is linked with.
        library = ctypes.CDLL(getattr(_hashlib, "__file__", None))
        library.OpenSSL_version.restype = ctypes.c_char_p
        print("fact.openssl_version=" + library.OpenSSL_version(0).decode("ascii", "replace"))
    except (AttributeError, ImportError, OSError):
        import ssl

        print("fact.openssl_version=" + ssl.OPENSSL_VERSION)
        return
    try:
        library.OPENSSL_info.restype = ctypes.c_char_p
        cpu = library.OPENSSL_info(1008)  # OPENSSL_INFO_CPU_SETTINGS
    except AttributeError:  # before OpenSSL 3.0
        return
    if cpu:
        print("fact.openssl_cpu=" + cpu.decode("ascii", "replace"))
        print("fact.openssl_cpu_source=OPENSSL_info of the timed library, by ctypes")


if sys.argv[1:] == ["facts"]:
    facts()
else:
    trial(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
