# Everything that is done with this repository by hand or by machine. "make" alone lists it.

GO           ?= go
LINT_VERSION := v2.15.0
LINT         := bin/tools/golangci-lint-$(LINT_VERSION)
TEST_TIMEOUT := 10m
# For how long, or with x behind it how often. Tests go by the count: a time that is over in the middle of an input's
# minimizing fails the target (context deadline exceeded), which says nothing of it.
FUZZ_TIME    ?= 2m
SEEDS        ?= 200
# Open files the tests need: they hold 10,000 connections, both ends of each.
TEST_FILES   := 20000
# What the tests call that Go does not bring, as command:Debian-package.
TEST_NEEDS   := chromium:chromium cc:gcc curl:curl node:nodejs npm:npm shellcheck:shellcheck \
                nginx:nginx haproxy:haproxy systemd-analyze:systemd initdb:postgresql

# gnet with some lines of ours in it. A plain "go build" or "go test" uses it as it is published.
GNET    := bin/gnet.mod
PATCHED := -modfile=$(CURDIR)/$(GNET)

.DEFAULT_GOAL := help
.PHONY: help build run test ci needs vet format lint bench bench-scale bench-servers bench-compare bench-smoke siege fuzz simulate clean

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: $(GNET) ## build every command into bin/, on the patched gnet (ADR 7)
	$(GO) build -trimpath $(PATCHED) -o bin/ ./cmd/...

run: build ## build the server and run it in development mode
	bin/momentum serve --dev

test: needs vet format lint $(GNET) ## install what the tests need, then check and test everything
	@hard=$$(ulimit -Hn); \
	if [ "$$hard" != unlimited ] && [ "$$hard" -lt $(TEST_FILES) ]; then \
		echo "the tests open $(TEST_FILES) files and the hard limit is $$hard: raise it (ulimit -Hn, LimitNOFILE, or docker run --ulimit nofile=$(TEST_FILES))" >&2; exit 1; \
	fi; \
	ulimit -Sn "$$hard" && $(GO) test -race -timeout $(TEST_TIMEOUT) ./... && \
	echo "and what stands on the patched gnet:" && export GOFLAGS="$$GOFLAGS $(PATCHED)" && \
	$(GO) test -race -timeout $(TEST_TIMEOUT) ./netpoll ./server ./bench/echo && $(GO) test -run DescriptorExhaustion ./internal/e2e
	@$(GO) test ./server/sim
	@cd deploy/check && $(GO) vet ./... && $(GO) test -count=1 ./... # it reads files outside its module, which go test does not remember
	@$(MAKE) --no-print-directory fuzz FUZZ_TIME=20000x

ci: test ## what the forge runs, which is the same

needs:
	@scripts/install_needs.sh $(TEST_NEEDS)

vet:
	$(GO) vet ./...

format:
	@bad=$$(gofmt -l .); [ -z "$$bad" ] || { echo "run gofmt -w on:" $$bad >&2; exit 1; }

lint: $(LINT) ## run the linter on its own
	$(LINT) run ./...

$(GNET): go.mod go.sum netpoll/gnet.patch
	rm -rf bin/gnet && mkdir -p bin && $(GO) mod download github.com/panjf2000/gnet/v2
	cp -r "$$($(GO) list -m -f '{{.Dir}}' github.com/panjf2000/gnet/v2)" bin/gnet && chmod -R u+w bin/gnet
	git apply --directory=bin/gnet netpoll/gnet.patch
	cp go.sum bin/gnet.sum && cp go.mod $@ && $(GO) mod edit -replace github.com/panjf2000/gnet/v2=./bin/gnet $@

# Built once from source. It is no dependency of the server, so it stands in no go.mod of ours.
$(LINT):
	GOBIN=$(CURDIR)/bin/tools $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)
	mv bin/tools/golangci-lint $@

bench: ## run the benchmarks
	$(GO) test -run '^$$' -bench . -skip '^BenchmarkScale' -benchmem ./...

bench-scale: ## run the benchmarks with 1,000,000 users or connections
	$(GO) test -run '^$$' -bench '^BenchmarkScale' -benchmem -timeout 1h ./server/...

bench-servers: $(GNET)
	bench/rivals/build.sh
	$(GO) build -trimpath $(PATCHED) -o bench/rivals/bin/momentum ./bench/echo
	$(GO) build -trimpath -o bench/rivals/bin/momentum-unpatched ./bench/echo
	$(GO) build -trimpath $(PATCHED) -o bench/rivals/bin/momentum-serve ./cmd/momentum

bench-compare: bench-servers ## measure us and the rivals in turns and rewrite BENCHMARKS.md (half an hour)
	ulimit -Sn $$(ulimit -Hn) && $(GO) run ./bench/compare

bench-smoke: bench-servers ## a minute or two of that; nothing is kept
	ulimit -Sn $$(ulimit -Hn) && $(GO) run ./bench/compare --smoke

siege: ## attack a served node at full size and say what its guests felt (some two minutes)
	ulimit -Sn $$(ulimit -Hn) && SIEGE=full $(GO) test -count 1 -timeout $(TEST_TIMEOUT) -v ./internal/siege

fuzz: ## fuzz each target for FUZZ_TIME (2m)
	@set -e; for package in $$($(GO) list ./...); do \
		for target in $$($(GO) test -list '^Fuzz' "$$package" | grep '^Fuzz' || true); do \
			echo "fuzzing $$target of $$package"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZ_TIME) "$$package"; \
		done; \
	done

simulate: ## simulate SEEDS (200) worlds that nobody has tried
	$(GO) test ./server/sim -run TestSimulation -count=1 -timeout 0 -fresh $(SEEDS)

clean: ## delete what was built
	rm -rf bin
