# The laboratory: hosts as network namespaces on one switch, and the captures.
#
#   client 192.0.2.10 ──┐            ┌── server 192.0.2.30
#                       ├── switch ──┤
#   proxy  192.0.2.20 ──┘            └── (further hosts: lab_host)
#   proxy 198.51.100.20 ────────────── 198.51.100.30 server
#
# A client that goes to the server straight uses 192.0.2.30; one that is to be
# tampered with uses 192.0.2.20, and the proxy goes on over 198.51.100.0/24.
#
# Functions for scenarios:
#   lab_host NAME IPV4 IPV6 MACBYTE [HOSTNAME]   a host on the switch
#   on HOST COMMAND...                           run a command on it
#   daemon HOST LOG COMMAND...                   the same in the background
#   stop_daemons HOST                            end all that runs on it
#   wait_port HOST ADDRESS PORT                  until something listens
#   capture_start LABEL HOST [INTERFACE [FILTER]]
#   capture_stop                                 ends all running captures
#   routed / routed_slowly MILLISECONDS          the proxy routes between client and 198.51.100.30
#   unrouted                                     and no longer
#   block HOST IPTABLES-ARGUMENTS... / block6 HOST ... / unblock HOST

needs ip:iproute2 iptables:iptables tcpdump:tcpdump /usr/bin/python3:python3

declare -A HOST_NAME=()
CAPTURE_FILTER=${CAPTURE_FILTER:-tcp}

lab_up() {
	LAB=$(mktemp -d -t lab.XXXXXX)
	chmod 755 "$LAB"
	NS_PREFIX=lab$$
	mkdir -p "$LAB/cap" "$LAB/log"
	ip netns add "$NS_PREFIX-switch"
	ip -n "$NS_PREFIX-switch" link add br0 type bridge stp_state 0 forward_delay 0 mcast_snooping 0
	ip -n "$NS_PREFIX-switch" link set br0 up
	HOST_NAME[switch]=SWITCH # to capture on br0 what the other hosts say to one another
	lab_host client 192.0.2.10 2001:db8::10 10 CLIENT1
	lab_host proxy 192.0.2.20 2001:db8::20 20 PROXY
	lab_host server 192.0.2.30 2001:db8::30 30 FILES
	lab_link proxy 198.51.100.20 21 server 198.51.100.30 31
}

# Ends only what runs inside our own namespaces, so nothing else is touched.
lab_down() {
	local host ns
	set +e
	trap '' INT TERM HUP
	[[ -n ${NS_PREFIX-} ]] || return
	for host in "${!HOST_NAME[@]}"; do stop_daemons "$host"; done
	for ns in $(ip netns list | awk '{print $1}'); do
		[[ $ns == "$NS_PREFIX"-* ]] || continue
		ip netns del "$ns"
		rm -rf "/etc/netns/$ns"
	done
	rmdir /etc/netns 2>/dev/null
	[[ -n ${KEEP_LAB-} ]] || rm -rf "$LAB"
}

ns_of() { echo "$NS_PREFIX-$1"; }

# A host has its own /etc/passwd, hosts, resolv.conf and nsswitch.conf: `ip netns
# exec` mounts the files of /etc/netns/NAMESPACE over those of the machine, for
# this process only. So lab users need no account on the machine.
lab_host() {
	local name=$1 ip4=$2 ip6=$3 mac=$4 hostname=${5:-$1} ns
	ns=$(ns_of "$name")
	HOST_NAME[$name]=$hostname
	ip netns add "$ns"
	ip -n "$ns" link set lo up
	ip -n "$ns" link add eth0 address "02:00:00:00:00:$mac" type veth \
		peer name "p-$name" netns "$NS_PREFIX-switch"
	ip -n "$NS_PREFIX-switch" link set "p-$name" master br0 up
	ip -n "$ns" link set eth0 up
	ip -n "$ns" addr add "$ip4/24" dev eth0
	ip -n "$ns" addr add "$ip6/64" dev eth0 nodad
	ip netns exec "$ns" python3 "$RECORD_DIR/offload_off.py" eth0
	lab_etc "$name"
}

lab_etc() {
	local etc=/etc/netns/$(ns_of "$1")
	mkdir -p "$etc"
	echo 'root:x:0:0:root:/root:/bin/sh' >"$etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin' >>"$etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\nlab:x:30000:\n' >"$etc/group"
	printf 'passwd: files\ngroup: files\nhosts: files dns\n' >"$etc/nsswitch.conf"
	printf 'options timeout:1 attempts:1\n' >"$etc/resolv.conf"
	lab_hosts_file >"$etc/hosts"
}

lab_hosts_file() {
	cat <<-HOSTS
		127.0.0.1 localhost
		192.0.2.10 client1.lab.example client1 CLIENT1
		192.0.2.30 files.lab.example files FILES
		2001:db8::30 files6.lab.example FILES6
		192.0.2.30 dual.lab.example DUAL
		2001:db8::30 dual.lab.example DUAL
	HOSTS
}

# A point-to-point network between two hosts, off the switch.
lab_link() {
	local a=$1 ip_a=$2 mac_a=$3 b=$4 ip_b=$5 mac_b=$6
	ip -n "$(ns_of "$a")" link add eth1 address "02:00:00:00:00:$mac_a" type veth \
		peer name eth1 address "02:00:00:00:00:$mac_b" netns "$(ns_of "$b")"
	lab_link_up "$a" "$ip_a"
	lab_link_up "$b" "$ip_b"
}

lab_link_up() {
	ip -n "$(ns_of "$1")" addr add "$2/24" dev eth1
	ip -n "$(ns_of "$1")" link set eth1 up
	ip netns exec "$(ns_of "$1")" python3 "$RECORD_DIR/offload_off.py" eth1
}

# A way of one hop between client and server, off the switch.
routed() {
	ip -n "$(ns_of client)" route add 198.51.100.30 via 192.0.2.20
	ip -n "$(ns_of server)" route add 192.0.2.10 via 198.51.100.20
	forwarding 1
}

# The same with a long line on either side of the router, each of so many milliseconds.
routed_slowly() {
	routed
	forwarding 0
	daemon proxy slow_router.out /usr/bin/python3 "$RECORD_DIR/slow_router.py" "$1" \
		eth0,198.51.100.30,eth1,02:00:00:00:00:31 eth1,192.0.2.10,eth0,02:00:00:00:00:10
	sleep 0.5
}

unrouted() {
	ip -n "$(ns_of client)" route del 198.51.100.30 2>/dev/null || return 0
	ip -n "$(ns_of server)" route del 192.0.2.10
	ip -n "$(ns_of proxy)" link set eth1 mtu 1500
	forwarding 0
}

forwarding() { on proxy sh -c "echo $1 >/proc/sys/net/ipv4/ip_forward"; }

# The host name is set in a UTS namespace of its own: Samba and smbclient put it
# on the wire, and the machine's own name has no place there. Samba's helpers log into
# /var/log/samba before they have read their configuration: that is the lab's as well
# (the mount is in the private mount namespace that `ip netns exec` makes).
on() (
	host=$1
	shift
	exec ip netns exec "$(ns_of "$host")" unshare --uts sh -c \
		'echo "$0" >/proc/sys/kernel/hostname
		mount --bind "$1" /var/log/samba; shift; exec "$@"' \
		"${HOST_NAME[$host]}" "$LAB/log" "$@"
)

# In a session of its own: smbd ends its whole process group, which would be ours.
daemon() {
	local host=$1 log=$LAB/log/$2
	shift 2
	on "$host" setsid "$@" </dev/null >>"$log" 2>&1 &
}

# The processes of a host are all ours. Twice, as a daemon may fork meanwhile.
stop_daemons() {
	local ns pids signal
	ns=$(ns_of "$1")
	for signal in TERM KILL KILL; do
		pids=$(ip netns pids "$ns" 2>/dev/null) || return 0
		[[ -n $pids ]] || return 0
		# shellcheck disable=SC2086
		kill -"$signal" $pids 2>/dev/null || true
		wait_gone "$ns"
	done
}

wait_gone() {
	local i
	for ((i = 0; i < 20; i++)); do
		[[ -n $(ip netns pids "$1" 2>/dev/null) ]] || return 0
		sleep 0.05
	done
}

wait_port() {
	local host=$1 port=$3 i
	for ((i = 0; i < 200; i++)); do
		if [[ -n $(on "$host" ss -Hltn "sport = :$port") ]]; then return 0; fi
		sleep 0.05
	done
	echo "nothing listens on $host port $port" >&2
	return 1
}

capture_start() {
	local label=$1 host=$2 interface=${3:-eth0} filter=${4:-$CAPTURE_FILTER} i
	local log=$LAB/log/tcpdump.$label
	: >"$log"
	on "$host" tcpdump -i "$interface" -s 0 -U -Z root --immediate-mode \
		-w "$LAB/cap/$label.pcap" "$filter" >"$log" 2>&1 &
	CAPTURES+=("$!")
	for ((i = 0; i < 100; i++)); do
		grep -q 'listening on' "$log" && return 0
		sleep 0.02
	done
	cat "$log" >&2
	return 1
}

# The last segments of a connection are on their way when its program has ended.
# $! is the shell that waits for tcpdump: tcpdump is its child.
capture_stop() {
	sleep 0.3
	((${#CAPTURES[@]})) || return 0
	pkill -TERM -P "$(IFS=,; echo "${CAPTURES[*]}")" tcpdump || true
	wait "${CAPTURES[@]}" 2>/dev/null || true
	CAPTURES=()
}
CAPTURES=()

block() {
	local host=$1
	shift
	on "$host" iptables -A "$@"
}

block6() {
	local host=$1
	shift
	on "$host" ip6tables -A "$@"
}

unblock() {
	on "$1" iptables -F
	on "$1" ip6tables -F
}
