# Sourced: what proves a unit of each row.  Two independent programs agree on these (crypto.c, crypto.mjs).
# shellcheck shell=sh disable=SC2034

## known (row):
# Set ${want}: the digest of one unit.  1 where there is no such row.
known() {
	case $1 in
	aes-256-gcm) want=112557c4b54640799602b337786401aad0ea5b7be265d4536d15e613cd17b2c3 ;;
	chacha20-poly1305) want=cafdb7ddc84addb611830d5a92edceb5bb28a9ff4d111e1f42ebb8ab5fb5e71a ;;
	rsa2048-sign) want=40c54654783820059ae03096f34a30a13fa9fe423a7feb8bb34d7a553b6fa685 ;;
	rsa2048-verify) want=6e6e450576358c8636f582e20d900c9d293ab4221da4bd9e8ca33f5f551206f4 ;;
	ecdsap256-sign) want=363d52e648437b7f2d6a9de275a0e1fe4a45b492bab841a23cff4cbcc922308b ;;
	ecdsap256-verify) want=00b553876497b0ddb5f78cf9d9ef188c44df7beb35690f036f933f2ccb9800bd ;;
	*) return 1 ;;
	esac
}
