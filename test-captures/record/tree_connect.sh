# TREE_CONNECT: shares that are missing, forbidden or encrypted.

connect_share() {
	local share=$1 user=${2:-alice}
	shift 2
	serve
	record_direct smbc "$user" "//FILES/$share" ls -I "$DIRECT" "$@"
}

scenario tree_connect.bad_network_name 'The client asks for a share that the server does not have.' \
	connect_share nosuchshare alice
