# The commands of this repository. "make" alone lists them.

GO           ?= go
LINT_VERSION := v2.15.0
LINT         := bin/tools/golangci-lint-$(LINT_VERSION)
# The last version that depends on Debian's and Red Hat's formats alone, and on no module that is served from one site.
NFPM_VERSION := v2.45.2
NFPM         := bin/tools/nfpm-$(NFPM_VERSION)
# "go test" vets each package in each way of building it. "make vet" vets all of them once.
TEST         := $(GO) test -vet=off
TEST_TIMEOUT := 10m
# A time, or a count that ends with x. "make test" uses a count: if a time ends while an input is being minimized, the target
# fails (context deadline exceeded) although nothing is wrong.
FUZZ_TIME    ?= 2m
FUZZ_COUNT   := 20000x
# How many targets are fuzzed at the same time. One uses all cores once it is compiled.
FUZZ_TARGETS ?= 1
SEEDS        ?= 200
# Users of "make million".
CONNECTIONS  ?= 1000000
# Open files that the tests need: they hold both ends of 10,000 connections.
TEST_FILES   := 20000
# Programs that the tests call, as command:Debian-package.
TEST_NEEDS   := chromium:chromium cc:gcc curl:curl node:nodejs npm:npm shellcheck:shellcheck \
                nginx:nginx haproxy:haproxy systemd-analyze:systemd initdb:postgresql \
                redis-server:redis-server redis-sentinel:redis-sentinel zsh:zsh fish:fish chrt:util-linux
RELEASE_NEEDS := rpm:rpm

# Packages whose tests run programs that they build. Race detection would see the tests alone, and the go command would
# reuse their results although the programs have changed: they run without it, and with -count=1.
PROGRAMS := internal/e2e|internal/siege|internal/deploytest|internal/postgrestest|internal/redistest
# The package whose tests build releases, for minutes: only "make test-release" runs it.
RELEASES := internal/releasetest
# Packages whose tests run our code on one goroutine: the race detector has nothing to find, and takes ten times as long.
SERIAL   := protocol|internal/config|internal/tidy|server/fanout|server/sim
# Tests of other packages that say the same of themselves (internal/serial), and tests of ./client that leave something out if it is on: those run
# once more without it.
UNRACED_IN = $$(grep -rlE --include=*_test.go --exclude-dir=bin '^\s+(serial\.Test\(t\)|if raceDetector \{)' .)
names_with = $$(awk '/^func /{split($$2, f, "(")} /^\t+($(1))/{print f[1]}' $(UNRACED_IN) | sort -u | paste -sd '|' -)
ALONE      = $(call names_with,serial\.Test\(t\))
UNRACED    = $(call names_with,serial\.Test\(t\)|if raceDetector \{)
# The packages with the longest tests, which begin first: else one of the two cores waits for them at the end.
LONGEST  := ./server ./server/cluster/redis
select    = $$($(GO) list ./... | grep -E '/($(1))$$')
others    = $$($(GO) list ./... | grep -vE '/($(1)|$(RELEASES))$$')

# gnet with our patch. A plain "go build" or "go test" uses gnet as published.
GNET    := bin/gnet.mod
PATCHED := -modfile=$(CURDIR)/$(GNET)
# For builds that see no .git: the version and the commit that the programs name. Both are empty otherwise.
COMMIT  ?=
VERSION ?=
linked   = -X momentum/internal/commandline.linked$(1)=$(2)
LINKED   = $(if $(COMMIT)$(VERSION),-ldflags '$(call linked,Commit,$(COMMIT)) $(call linked,Version,$(VERSION))')
# The tests of the server that use real sockets, and so gnet.
SOCKETS  = $$(grep -l 'startReal(' server/*_test.go | xargs sed -n 's/^func \(Test[A-Za-z0-9]*\).*/\1/p' | paste -sd '|')

# RAISE raises the limit of open files, for the commands that follow it in the same shell.
RAISE = hard=$$(ulimit -Hn); \
	if [ "$$hard" != unlimited ] && [ "$$hard" -lt $(TEST_FILES) ]; then \
		echo "the tests open $(TEST_FILES) files, and the hard limit is $$hard: raise it (ulimit -Hn, LimitNOFILE, or docker run --ulimit nofile=$(TEST_FILES))" >&2; exit 1; \
	fi; \
	ulimit -Sn "$$hard"

.DEFAULT_GOAL := help
.PHONY: help build packages release release-tools run quick test ci needs check check-deploy test-race test-programs test-untimed test-serial test-patched fuzz-briefly test-release vet format lint \
        bench bench-scale bench-servers bench-compare bench-before bench-dashboard bench-smoke bench-cluster bench-beside million siege rolling fuzz simulate clean
.NOTPARALLEL: # the stages of a test would disturb each other's times

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(GNET) ## build every command into bin/, on the patched gnet (ADR 7)
	$(GO) build -trimpath $(PATCHED) $(LINKED) -o bin/ ./cmd/...

release-tools: $(GNET) $(NFPM)

packages: release-tools ## build the .deb and the .rpm of this commit for this architecture, into bin/release/
	NFPM=$(NFPM) scripts/release.sh bin/release $$($(GO) env GOARCH)

release: release-tools ## build the archives, packages, bills of materials and checksums of this commit for amd64 and arm64, into bin/release/
	NFPM=$(NFPM) scripts/release.sh bin/release amd64 arm64

run: build ## build the server and run it in development mode
	bin/momentum serve --dev

quick: format vet ## check and test a change in a minute: without race detection, built programs, PostgreSQL, and most simulated worlds
	@$(RAISE) && $(GO) test -short -p 4 -parallel 8 -skip '^TestSimulation$$/^(seed_[3-8]|fresh)' $(call others,$(PROGRAMS)|server/directory/postgres)

# Half of the time of the tests is waiting, and they measure times. The stages that measure none run on the processors that they leave idle.
# Both have a session of their own, so that an interrupt ends all that they have started. (A recipe that names MAKE would run under "make -n", too.)
MEANWHILE = setsid chrt --idle 0 $(MAKE) --no-print-directory lint check-deploy test-untimed TEST_TIMEOUT=20m
OTHERS    = setsid $(MAKE) --no-print-directory test-race test-programs test-patched
test: needs format vet $(LINT) $(GNET) ## install the programs that the tests call, then check and test everything
	@$(RAISE) || exit 1; $(MEANWHILE) & idle=$$!; $(OTHERS) & others=$$!; \
	trap 'kill -- -$$idle -$$others; exit 130' INT TERM HUP; \
	failed=; wait $$others || failed="$$failed test-race, test-programs or test-patched"; \
	wait $$idle || failed="$$failed lint, check-deploy or test-untimed"; \
	[ -z "$$failed" ] || { echo "failed, see above:$$failed" >&2; exit 1; }

ci: test ## the same as test; the forge runs its stages one by one, and test-release

# The stages of "make test". The forge makes check for the first four.
check: format vet lint check-deploy

check-deploy:
	@cd deploy/check && $(GO) vet ./... && $(GO) test -count=1 ./... # its tests read files outside their module, which the go command does not track

# -skip goes by the name alone: a name must be that of one test. Three packages at a time: one or two of them wait.
test-race:
	@for name in $$(echo "$(ALONE)" | tr '|' ' '); do \
		[ $$(grep -rE --include=*_test.go --exclude-dir=bin "^func $$name\(" . | wc -l) = 1 ] || { echo "several tests are named $$name" >&2; exit 1; }; \
	done
	@$(RAISE) && $(TEST) -race -p 3 -timeout $(TEST_TIMEOUT) -skip "^($(ALONE))$$" $(LONGEST) $(call others,$(PROGRAMS)|$(SERIAL))

test-programs:
	@$(RAISE) && $(TEST) -count=1 -timeout $(TEST_TIMEOUT) $(call select,$(PROGRAMS))

test-untimed: test-serial fuzz-briefly

test-serial:
	@[ -n "$(UNRACED)" ] || { echo "no test calls serial.Test" >&2; exit 1; }
	@$(TEST) -timeout $(TEST_TIMEOUT) $(call select,$(SERIAL)) && \
	$(TEST) -timeout $(TEST_TIMEOUT) -run "^($(UNRACED))$$" $$(dirname $(UNRACED_IN) | sort -u)

# The four runs go on at the same time: alone, each leaves a core idle. What bench/echo does with goroutines has met the race detector in
# test-race.
test-patched: $(GNET)
	@$(RAISE) || exit 1; export GOFLAGS="$$GOFLAGS $(PATCHED)"; \
	$(TEST) -race -timeout $(TEST_TIMEOUT) ./netpoll & netpoll=$$!; \
	$(TEST) -timeout $(TEST_TIMEOUT) ./bench/echo & echo=$$!; \
	$(TEST) -count=1 -run DescriptorExhaustion ./internal/e2e & programs=$$!; \
	trap 'kill $$netpoll $$echo $$programs 2>/dev/null; exit 130' INT TERM; \
	failed=0; $(TEST) -race -timeout $(TEST_TIMEOUT) -run "^($(SOCKETS))$$" ./server || failed=1; \
	for run in $$netpoll $$echo $$programs; do wait $$run || failed=1; done; exit $$failed

fuzz-briefly:
	@$(MAKE) --no-print-directory fuzz FUZZ_TIME=$(FUZZ_COUNT) FUZZ_TARGETS=2

# A stage of the forge alone: it compiles Helm's packages and those of Kubernetes, and builds two releases.
test-release: ## test the Helm chart with Helm's own packages, and releases and their packages; "make test" does not
	@scripts/install_needs.sh $(RELEASE_NEEDS)
	cd deploy/chartcheck && $(GO) vet ./... && $(GO) test -count=1 -timeout $(TEST_TIMEOUT) ./...
	$(GO) test -count=1 -timeout $(TEST_TIMEOUT) ./$(RELEASES)

needs:
	@scripts/install_needs.sh $(TEST_NEEDS)

vet:
	$(GO) vet ./...

format:
	@bad=$$(gofmt -l .); [ -z "$$bad" ] || { echo "run gofmt -w on:" $$bad >&2; exit 1; }

lint: $(LINT) ## run the linter
	$(LINT) run ./...

$(GNET): go.mod go.sum netpoll/gnet.patch
	rm -rf bin/gnet && mkdir -p bin && $(GO) mod download github.com/panjf2000/gnet/v2
	cp -r "$$($(GO) list -m -f '{{.Dir}}' github.com/panjf2000/gnet/v2)" bin/gnet && chmod -R u+w bin/gnet
	git apply --directory=bin/gnet netpoll/gnet.patch
	cp go.sum bin/gnet.sum && cp go.mod $@ && $(GO) mod edit -replace github.com/panjf2000/gnet/v2=./bin/gnet $@

# Built once from source. The server does not depend on it, so no go.mod here requires it.
$(LINT):
	GOBIN=$(CURDIR)/bin/tools $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/tools/golangci-lint $@

$(NFPM):
	GOBIN=$(CURDIR)/bin/tools $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
	mv bin/tools/nfpm $@

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -skip '^BenchmarkScale' -benchmem ./...

bench-scale: ## run the benchmarks with 1,000,000 users or connections
	$(GO) test -run '^$$' -bench '^BenchmarkScale' -benchmem -timeout 1h ./server/...

bench-servers: $(GNET)
	bench/rivals/build.sh
	$(GO) build -trimpath $(PATCHED) -o bench/rivals/bin/momentum ./bench/echo
	$(GO) build -trimpath -o bench/rivals/bin/momentum-unpatched ./bench/echo
	$(GO) build -trimpath $(PATCHED) -o bench/rivals/bin/momentum-serve ./cmd/momentum

bench-compare: bench-servers ## measure this server and others in turns and rewrite BENCHMARKS.md (half an hour)
	ulimit -Sn $$(ulimit -Hn) && $(GO) run ./bench/compare

bench-before: bench-servers ## measure this server and its build of the commit BEFORE in turns
	rm -rf bin/before && mkdir bin/before && git archive $(BEFORE) | tar -x -C bin/before
	$(MAKE) -C bin/before bin/gnet.mod
	cd bin/before && build="$(GO) build -trimpath -buildvcs=false -modfile=$(CURDIR)/bin/before/bin/gnet.mod -o $(CURDIR)/bench/rivals/bin" && \
	$$build/momentum-before ./bench/echo && $$build/momentum-serve-before ./cmd/momentum
	ulimit -Sn $$(ulimit -Hn) && $(GO) run ./bench/compare --before && \
	$(GO) run ./bench/compare --rounds 5 --only idle --servers 'momentum serve;momentum serve, before'

bench-dashboard: $(GNET) ## measure a storm of 15,000 with the dashboard open and closed, in turns (four minutes)
	$(GO) build -trimpath $(PATCHED) -o bench/rivals/bin/momentum-serve ./cmd/momentum
	ulimit -Sn $$(ulimit -Hn) && $(GO) run ./bench/compare --dashboard

bench-smoke: bench-servers ## a minute or two of bench-compare, without a record
	ulimit -Sn $$(ulimit -Hn) && $(GO) run ./bench/compare --smoke

bench-cluster: build ## measure what Redis costs, with Redis and without in the same rounds (some five minutes)
	$(GO) build -trimpath -o bin/bench-cluster ./bench/cluster
	bin/bench-cluster

bench-beside: build ## measure this server beside Centrifugo's library and Socket.IO, each with Redis (some ten minutes)
	bench/rivals/build.sh centrifuge socketio
	$(GO) build -trimpath -o bin/bench-beside ./bench/beside
	bin/bench-beside

million: build ## connect CONNECTIONS (1,000,000) users to as many nodes and one Redis as they need, on this machine, and measure (five minutes)
	$(GO) build -trimpath -o bin/bench-million ./bench/million
	bin/bench-million --connections $(CONNECTIONS)

siege: ## attack a served node at full size, and measure the service for other clients; then rolling (some fifteen minutes)
	ulimit -Sn $$(ulimit -Hn) && SIEGE=full $(GO) test -count 1 -timeout 30m -v ./internal/siege

rolling: ## replace each node of a cluster before 10,000 clients, with a drain and with a kill, and write a page about each (some ten minutes)
	ulimit -Sn $$(ulimit -Hn) && SIEGE=full $(GO) test -count 1 -timeout 30m -v -run 'ARollingRestart|KilledNodes' ./internal/siege

# The targets are found by name: "go test -list" would build the tests of every package.
fuzz: ## fuzz each target for FUZZ_TIME (2m)
	@grep -ro --include='*_test.go' --exclude-dir=bin '^func Fuzz[A-Za-z0-9]*' . | sed 's|/[^/]*:func | |' | sort | \
	xargs -n 2 -P $(FUZZ_TARGETS) sh -c 'echo "fuzzing $$1 of $$0"; $(TEST) -run "^\$$" -fuzz "^$$1\$$" -fuzztime $(FUZZ_TIME) "$$0" || exit 255'

simulate: ## simulate SEEDS (200) new worlds of one node, and as many of several
	$(GO) test ./server/sim -run 'TestSimulation|TestFleets' -count=1 -timeout 0 -fresh $(SEEDS)

clean: ## delete what was built
	rm -rf bin
