#!/bin/sh
# What runs here, and things that no setup should say.
echo driver.able=builtin
echo 'skip.lame=no "legs" \o/ $(touch pwned)'
echo 'driver.twice=a=b'
printf 'fact.bytes=\001\033[31mred\302\265 "q" \\ `id` $(id)\t.\r\n'
echo 'Fact.upper=1'
echo "fact.spaced name=1"
printf 'fact.long=%01000d\n' 7
echo 'no name at all'
echo "fact.openssl=${OPENSSL_ia32cap-cleared}"
echo "fact.cflags=${CFLAGS-cleared}"
echo "fact.lc=${LC_ALL-unset} ${LC_TIME-cleared}"
echo "fact.param=${TT_PARAM_text-unset}"
echo "fact.blanks=${DECLARED-unset}"
echo "fact.umask=$(umask)"
