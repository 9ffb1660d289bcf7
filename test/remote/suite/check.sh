#!/bin/sh
case ${TT_ROW} in
wrong) echo 'digest=666'; echo 'expected another digest' >&2; exit 1 ;;
signals) read -r _ ignored <"${TT_STEP_DIR}/out"; echo "reported.ignored=${ignored}" ;;
many)
	# One process for all: a shell whose printf is no builtin would start four hundred.
	awk 'BEGIN { for (i = 1; i <= 400; i++) printf "reported.n%d=\"\"\"\"\"\\\\\\\\\\%0300d\n", i, 0 }'
	;;
endless) tr '\0' x </dev/zero | head -c 30000000 ;;
esac
echo work_id=1
