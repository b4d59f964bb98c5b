#!/bin/sh
# Builds every rival into bin/, or those that are named, and prints at the end which could not be built. It fails only if none could.
cd "$(dirname "$0")" || exit 1
bin=$(pwd)/bin
log=$bin/build.log
[ $# -gt 0 ] || rm -rf "$bin" # so that no old build is measured
mkdir -p "$bin"
named=" $* "
missing=""
built=0
all=0

# attempt NAME COMMAND... runs the command that builds a rival, and logs an error.
attempt() {
	name=$1
	shift
	case $named in
	"  " | *" $name "*) ;;
	*) return ;;
	esac
	all=$((all + 1))
	rm -rf "${bin:?}/$name"
	if out=$("$@" 2>&1); then
		built=$((built + 1))
	else
		missing="$missing $name"
		rm -rf "${bin:?}/$name"
		printf '%s could not be built:\n%s\n' "$name" "$out" | tail -n 8 | tee -a "$log" >&2
	fi
}

# npm_server NAME copies a server and installs the packages that its lock file pins. No package's scripts are run.
npm_server() {
	mkdir -p "$bin/$1" &&
		cp "$1/package.json" "$1/package-lock.json" "$1/server.js" "$bin/$1/" &&
		cd "$bin/$1" && npm ci --ignore-scripts --no-audit --no-fund
}

# bun_server also links Bun itself, which is a package for each architecture.
bun_server() (
	npm_server bun || exit 1
	for package in linux-x64 linux-x64-baseline linux-aarch64; do
		bun=$bin/bun/node_modules/@oven/bun-$package/bin/bun
		[ -x "$bun" ] && "$bun" --version && ln -sf "node_modules/@oven/bun-$package/bin/bun" "$bin/bun/bun" && exit 0
	done
	echo "no package of Bun runs on this machine"
	exit 1
)

node_server() (command -v node && npm_server "$1")

centrifuge_server() (cd centrifuge && "${GO:-go}" build -trimpath -o "$bin/centrifuge" .)

for rival in gorilla gws nbio coder gnetws; do
	attempt $rival "${GO:-go}" build -trimpath -o "$bin/$rival" "./$rival"
done
attempt floor "${CC:-cc}" -O2 -Wall -Wextra -o "$bin/floor" floor/floor.c floor/sha1.c
attempt bun bun_server
attempt nodews node_server nodews
attempt centrifuge centrifuge_server
attempt socketio node_server socketio

echo "built $built of $all rivals into bench/rivals/bin${missing:+; not:$missing}"
[ $built -gt 0 ]
