#!/bin/sh
# Builds every rival into bin/, and says at the end which could not be built and why. It fails only if none could.
cd "$(dirname "$0")" || exit 1
bin=$(pwd)/bin
log=$bin/build.log
rm -rf "$bin" # nothing old is measured
mkdir -p "$bin"
missing=""
built=0

# attempt NAME COMMAND... runs the command and notes how it went.
attempt() {
	name=$1
	shift
	if out=$("$@" 2>&1); then
		built=$((built + 1))
	else
		missing="$missing $name"
		rm -rf "${bin:?}/$name"
		printf '%s could not be built:\n%s\n' "$name" "$out" | tail -n 8 | tee -a "$log" >&2
	fi
}

# npm_server NAME installs what its lock file pins beside a copy of its server. No package's scripts are run.
npm_server() {
	mkdir -p "$bin/$1" &&
		cp "$1/package.json" "$1/package-lock.json" "$1/server.js" "$bin/$1/" &&
		cd "$bin/$1" && npm ci --ignore-scripts --no-audit --no-fund
}

# bun_server also links Bun itself, which comes as a package for each kind of machine.
bun_server() (
	npm_server bun || exit 1
	for package in linux-x64 linux-x64-baseline linux-aarch64; do
		bun=$bin/bun/node_modules/@oven/bun-$package/bin/bun
		[ -x "$bun" ] && "$bun" --version && ln -sf "node_modules/@oven/bun-$package/bin/bun" "$bin/bun/bun" && exit 0
	done
	echo "no package of Bun runs on this machine"
	exit 1
)

node_server() (command -v node && npm_server nodews)

for rival in gorilla gws nbio coder gnetws; do
	attempt $rival "${GO:-go}" build -trimpath -o "$bin/$rival" "./$rival"
done
attempt floor "${CC:-cc}" -O2 -Wall -Wextra -o "$bin/floor" floor/floor.c floor/sha1.c
attempt bun bun_server
attempt nodews node_server

echo "built $built of 8 rivals into bench/rivals/bin${missing:+; not:$missing}"
[ $built -gt 0 ]
