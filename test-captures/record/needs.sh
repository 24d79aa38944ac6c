# What scenarios need of the machine: only the packages of wanted ones are asked for.
#
#   needs THING:PACKAGE...           all scenarios from here to the end of the stage
#   needs_for WORD THING:PACKAGE...  those with WORD, mostly a function, in their line
#
# A THING is a program, a file (a pattern with its folders), python.MODULE or npm.PACKAGE (its
# PACKAGE has the version, and is installed for all users).

NEEDS=()
declare -A NEEDS_FOR=()

needs() { NEEDS+=("$@"); }
needs_for() { NEEDS_FOR[$1]=${*:2}; }

# scenario_needs WORD...: prints what a scenario with this line needs
scenario_needs() {
	local word all=("${NEEDS[@]}")
	for word in "$@"; do
		# shellcheck disable=SC2206
		[[ -z $word ]] || all+=(${NEEDS_FOR[$word]-})
	done
	printf '%s\n' "${all[@]}"
}

has() {
	case $1 in
	/*) compgen -G "$1" ;;
	python.*) /usr/bin/python3 -c "import ${1#python.}" 2>&1 ;;
	npm.*) NODE_PATH=$(npm root -g) node -e "require.resolve('${1#npm.}')" 2>&1 ;;
	*) command -v "$1" ;;
	esac >/dev/null
}

# check_machine THING:PACKAGE...
check_machine() {
	local missing=() npm=() need
	for need in "$@"; do
		has "${need%%:*}" && continue
		if [[ $need == npm.* ]]; then npm+=("${need#*:}"); else missing+=("${need#*:}"); fi
	done
	if ((${#missing[@]} + ${#npm[@]})); then
		echo "Missing packages. Install them with:" >&2
		((${#missing[@]} == 0)) || echo "  apt-get install --no-install-recommends ${missing[*]}" >&2
		((${#npm[@]} == 0)) || echo "  npm install --global --ignore-scripts ${npm[*]}" >&2
		exit 1
	fi
	if [[ $EUID != 0 ]]; then
		echo "Run as root: it makes network namespaces and starts smbd." >&2
		exit 1
	fi
}
