# SMB of the Linux kernel: its client (mount -t cifs) and its server (ksmbd). A kernel belongs to the whole
# machine, so each of them runs in a virtual machine on the lab's switch: LINUX1, 192.0.2.50.
#
#   guest COMMAND                                  boots the guest for one command
#   by_kernel USER[%PASSWORD] SHARE [OPTION...]    the guest mounts a share of the lab's Samba and lists it
#   at_ksmbd COMMAND...                            a client of the lab at the guest's ksmbd
#   at_newer_ksmbd COMMAND...                      the same with Linux 6.12: ksmbd of 6.1.192 crashes where a
#                                                  client opens a folder
#
# The machine may be one that has no acceleration: the guest then takes some ten seconds to boot.

GUEST_IP=192.0.2.50
GUEST_LINUX=linux-image-amd64
GUEST_MODULES=(virtio_pci virtio_net cifs ksmbd cmac hmac md5 sha256_generic sha512_generic aes_generic ccm
	gcm ghash-generic ctr ecb crc32c_generic nls_utf8)
GUEST_PACKAGES=(busybox-static ksmbd-tools libglib2.0-0 libpcre2-8-0 libnl-3-200 libnl-genl-3-200)

# A machine without qemu records the other scenarios all the same.
GUEST_NEEDS='depmod:kmod cpio:cpio gcc:gcc'
needs_for by_kernel "$GUEST_NEEDS"
needs_for at_ksmbd "$GUEST_NEEDS"
needs_for at_newer_ksmbd "$GUEST_NEEDS"
kernel_scenario() {
	if [[ $MODE == record ]] && wanted "$1" && ! has qemu-system-x86_64; then
		echo "== $1: skipped, there is no qemu-system-x86_64 (package qemu-system-x86)" >&2
		return
	fi
	scenario "$@"
}

# Kernel and initramfs. Their packages are unpacked, not installed: ksmbd-tools does not go with samba, and
# a kernel package wants to boot the machine.
guest_image() {
	local dir=$LAB/$GUEST_LINUX package
	GUEST_KERNEL=$(apt-cache depends "$GUEST_LINUX" | awk '/Depends: linux-image/ { print $2; exit }')
	[[ ! -e $dir/initrd ]] || return 0
	mkdir -p "$dir/packages" "$dir/unpacked" "$dir/root"
	(cd "$dir/packages" &&
		apt-get -qq -o APT::Sandbox::User=root download "$GUEST_KERNEL" "${GUEST_PACKAGES[@]}")
	for package in "$dir"/packages/*.deb; do dpkg-deb -x "$package" "$dir/unpacked"; done
	mv "$dir"/unpacked/boot/vmlinuz-* "$dir/kernel"
	guest_modules "$dir" "${GUEST_KERNEL#linux-image-}"
	guest_files "$dir/unpacked" "$dir/root"
	(cd "$dir/root" && find . | cpio --quiet -o -H newc | gzip -1) >"$dir/initrd"
	rm -rf "$dir/packages" "$dir/unpacked" "$dir/root"
}

# guest_modules DIRECTORY VERSION: the wanted ones, and what they depend on
guest_modules() {
	local from=$1/unpacked to=$1/root/lib/modules/$2 file
	depmod -b "$from" "$2"
	mkdir -p "$to"
	cp "$from/lib/modules/$2"/modules.{builtin,builtin.modinfo,order} "$to"
	modprobe -d "$from" -S "$2" --all --show-depends "${GUEST_MODULES[@]}" |
		awk '$1 == "insmod" { print $2 }' | sort -u |
		while read -r file; do install -D "$file" "$to/${file#*"/lib/modules/$2/"}"; done
	depmod -b "$1/root" "$2"
}

guest_files() {
	local from=$1 to=$2 name
	mkdir -p "$to"/{bin,lib,etc/ksmbd}
	ln -s bin "$to/sbin"
	ln -s lib "$to/lib64"
	cp "$from/bin/busybox" "$from/usr/libexec/ksmbd.tools" "$to/bin"
	for name in mountd adduser; do ln -s ksmbd.tools "$to/bin/ksmbd.$name"; done
	LD_LIBRARY_PATH=$from/usr/lib/x86_64-linux-gnu:$from/lib/x86_64-linux-gnu ldd "$to/bin/ksmbd.tools" |
		grep -o '/[^ ]*' | xargs -I FILE cp -L FILE "$to/lib"
	gcc -shared -fPIC -o "$to/lib/ksmbd_answer.so" "$RECORD_DIR/ksmbd_answer.c"
	install -m 755 "$RECORD_DIR/guest_init" "$to/init"
	lab_hosts_file >"$to/etc/hosts"
	echo 'root:x:0:0:root:/:/bin/sh' >"$to/etc/passwd"
	echo 'nobody:x:65534:65534:nobody:/:/bin/false' >>"$to/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$to/etc/group"
	printf '[global]\n\tworkgroup = LAB\n\tnetbios name = LINUX1\n[data]\n\tpath = /srv/data\n' \
		>"$to/etc/ksmbd/ksmbd.conf"
}

# Without vnet_hdr the guest has to make checksums and segments itself, as they would be on a wire.
guest() {
	on switch ip tuntap add guest mode tap 2>/dev/null || true
	on switch ip link set guest master br0 up
	on switch timeout 240 qemu-system-x86_64 -accel tcg -m 256 -nodefaults -no-reboot -display none \
		-serial stdio -kernel "$LAB/$GUEST_LINUX/kernel" -initrd "$LAB/$GUEST_LINUX/initrd" \
		-append "console=ttyS0 quiet panic=-1 guest_address=$GUEST_IP guest_run=\"$1\"" \
		-netdev tap,id=net,ifname=guest,script=no,downscript=no,vnet_hdr=off \
		-device virtio-net-pci,netdev=net,mac=02:00:00:00:00:50,romfile= \
		</dev/null >"$LAB/log/guest" 2>&1
}

by_kernel() {
	local user=${1%%\%*} password=$LAB_PASSWORD command
	[[ $1 != *%* ]] || password=${1#*%}
	command="mount -t cifs //FILES/$2 /mnt -o ip=$DIRECT,user=$user,pass=$password${3:+,$3}"
	guest_image
	serve "${SERVER[@]}"
	capture_start main switch br0
	guest "$command && ls /mnt && umount /mnt"
	MADE_CLIENT="$command, then ls and umount"
	MADE_NOTE="Linux ${GUEST_KERNEL#linux-image-}"
}

at_ksmbd() {
	local guest
	guest_image
	: >"$LAB/log/guest"
	guest "ksmbd.adduser -a alice -p $LAB_PASSWORD && modprobe ksmbd && LD_PRELOAD=/lib/ksmbd_answer.so ksmbd.mountd &&
		sleep 3 && echo ready && sleep 200" &
	guest=$!
	while ! grep -q ^ready "$LAB/log/guest" && kill -0 "$guest" 2>/dev/null; do sleep 1; done
	record_direct "$@"
	sleep 1
	stop_daemons switch
	MADE_SERVER="ksmbd of Linux ${GUEST_KERNEL#linux-image-}"
}

at_newer_ksmbd() {
	local GUEST_LINUX=linux-image-6.12-amd64
	at_ksmbd "$@"
	MADE_NOTE="ksmbd.mountd's answer about the share is completed for that kernel (ksmbd_answer.c)"
}

# ---- the client ----

kernel_scenario clean.kernel-client 'The Linux kernel mounts a share, lists it and unmounts it.' \
	by_kernel alice data
kernel_scenario session_setup.logon_failure--kernel_client 'The Linux kernel mounts a share with a wrong password.' \
	by_kernel alice%wrong data
kernel_scenario tree_connect.bad_network_name--kernel_client \
	'The Linux kernel mounts a share that the server does not have.' by_kernel alice nosuchshare

# ---- the server ----

kernel_scenario clean.at_ksmbd 'smbclient lists a share of ksmbd.' \
	at_newer_ksmbd smbc alice //LINUX1/data ls -I "$GUEST_IP" -p 445
kernel_scenario session_setup.logon_failure--at_ksmbd 'A wrong password at ksmbd.' \
	at_ksmbd smbc alice%wrong //LINUX1/data ls -I "$GUEST_IP"
kernel_scenario tree_connect.bad_network_name--at_ksmbd \
	'ksmbd refuses a share with an answer that is in its message twice; smbclient finds the signature bad.' \
	at_ksmbd smbc alice //LINUX1/nosuchshare ls -I "$GUEST_IP"
