# Tandem: what a developer types. `make help` lists it.
# Every target sets up what it needs; nothing has to be installed by hand but Node (20 or later), npm and make.

SHELL := /bin/bash
.DEFAULT_GOAL := help
export npm_config_update_notifier := false
export NODE_COMPILE_CACHE ?= $(CURDIR)/node_modules/.cache/tandem
# Node 24 is a development dependency, so that the machine's own Node may be older.
BIN := $(CURDIR)/node_modules/.bin
NODE := $(BIN)/node
export PATH := $(BIN):$(PATH)

.PHONY: help
help: ## Show this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{ printf "  %-12s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## Install the packages of package-lock.json where they are not there yet
	@tools/setup

# Built where a source of it is newer than what is there: seconds.
CONSOLE := services/console/dist/index.html
.PHONY: console
console: setup $(CONSOLE) ## Build the web console, which the api serves at /
$(CONSOLE): package-lock.json $(shell find services/console -type f -not -path '*/dist/*' -not -path '*/node_modules/*' -not -path '*/test/*')
	@tools/setup
	@vite build services/console --logLevel warn

##@ Running

.PHONY: run
run: setup console ## Run the whole switch in one process, with examples/first-call.yaml loaded
	@exec $(NODE) services/allinone/src/main.ts

.PHONY: stores-start stores-stop
stores-start: ## Start real Redis, PostgreSQL and Kafka for development (installs them)
	@deploy/local/install && deploy/local/stores start && deploy/local/stores status
stores-stop: ## Stop them
	@deploy/local/stores stop

.PHONY: switch-start switch-stop
switch-start: setup console ## Start every service as a process of its own, on the real stores
	@deploy/local/switch start
switch-stop: ## Stop them
	@deploy/local/switch stop

.PHONY: relay-start relay-stop
relay-start: ## Start a media relay (rtpengine) on this machine, for TANDEM_RTPENGINES=udp:127.0.0.1:21223
	@deploy/local/install && deploy/local/relay start && deploy/local/relay status
relay-stop: ## Stop it
	@deploy/local/relay stop

.PHONY: cluster
cluster: setup console ## Run PODS=3 edges behind one address on real stores, SHAPE=split|pod, MODE=random|hash|front, LOSS=0 percent
	@deploy/local/install
	@exec $(NODE) e2e/src/cluster/main.ts

# KafkaJS sets timers in the past, of which Node warns.
.PHONY: prove
prove: setup ## Kill edges for a minute under load; prints a table and draws docs/prove.svg (RATE=60 DURATION=60 KILL_EVERY=3, and as cluster)
	@deploy/local/install && deploy/local/stores start
	@exec $(NODE) --disable-warning=TimeoutNegativeWarning e2e/src/prove/main.ts

# Needs root: nodes are network namespaces, and their containers real ones.
.PHONY: kube
kube: setup console ## Try the chart on a real Kubernetes of three nodes: upgrades, kills, a power cut … under load (SHAPE=both RATE=50 ONLY=words; not in CI)
	@deploy/local/install
	@exec deploy/cluster/trials

##@ Checking

.PHONY: test
test: setup ## Everything: install, start the stores, check, all tests, stop the stores (under 25 minutes)
	@exec $(NODE) tools/test.ts all

.PHONY: unit int e2e
unit: setup ## Pure tests and properties, with the coverage that is asked for
	@$(NODE) tools/test.ts unit
int: setup ## Tests against real Redis, PostgreSQL and Kafka (starts them)
	@deploy/local/install && deploy/local/stores start
	@$(NODE) tools/test.ts int
e2e: setup console ## Whole calls with SIPp and baresip (starts the stores)
	@deploy/local/install && deploy/local/stores start
	@$(NODE) tools/test.ts e2e

.PHONY: test-days
test-days: setup ## Unit and int tests at six other moments (half an hour), ONLY="leap-day billing" some of them
	@deploy/local/install days
	@$(NODE) tools/test.ts days $(ONLY)

.PHONY: chart
HELM ?= helm
chart: setup ## The chart by the programs HELM="helm3 helm4", beside the library that make test renders it with
	@deploy/local/install
	@$(NODE) tools/chart.ts $(HELM)

.PHONY: clients
clients: setup ## Calls of browsers and telephones that make test does not install (500 MB), ONLY=web-phones a part
	@deploy/local/install clients && deploy/local/stores start
	@$(NODE) tools/test.ts clients $(ONLY)

.PHONY: fuzz-api
fuzz-api: SCHEMATHESIS_VERSION ?= 4.32.5
fuzz-api: setup ## schemathesis (from PyPI, EXAMPLES=20 for each operation) against the REST API of make run: no 500, no answer outside the description
	@python3 -m venv .local/schemathesis && .local/schemathesis/bin/pip install --quiet schemathesis==$(SCHEMATHESIS_VERSION)
	@SCHEMATHESIS=.local/schemathesis/bin/schemathesis TANDEM_API_REQUESTS_PER_MINUTE=1000000 $(NODE) e2e/src/api-fuzz.ts

.PHONY: dashboards
dashboards: setup ## Dashboards and alerts through the OpenTelemetry collector, which Go builds; causes of alerts made true (ten minutes), ONLY=alerts a part
	@deploy/local/install && deploy/local/stores start
	@TANDEM_COLLECTOR=$$(deploy/collector/build) $(NODE) tools/test.ts dashboards $(ONLY)

.PHONY: soak
soak: RUNS ?= 5
soak: setup ## Kill pods and stores at full rates, RUNS=5 times each (two hours), ONLY=random-kills a part; see e2e/README.md
	@deploy/local/install clients && deploy/local/stores start
	@TANDEM_SOAK=$(RUNS) TANDEM_E2E_ROLLING_RATE=100 $(NODE) tools/test.ts soak $(ONLY)

.PHONY: check types lint format-check generated-check
check: types lint format-check generated-check ## Types, lint, boundaries, format, generated files
types: setup ## Compile without output
	@tsc -p tsconfig.json
	@tsc -p services/console/tsconfig.json
lint: setup ## ESLint and the boundaries between packages
	@eslint --cache --cache-location node_modules/.cache/eslint .
	@depcruise --config .dependency-cruiser.cjs libs services cli deploy e2e tools benchmarks
format-check: setup
	@prettier --check --log-level warn .
generated-check: setup
	@$(NODE) tools/generated.ts check

# Stays outside the lock file: some of its platform packages are not on every registry, which breaks npm ci.
.PHONY: unused
unused: setup ## List files, exports and dependencies that nothing uses
	@npx --yes knip@6.44.2

.PHONY: fmt
fmt: setup ## Format everything
	@prettier --write --log-level warn .

##@ Making

.PHONY: proto docs
proto: setup ## Make libs/proto of proto/
	@$(NODE) tools/generated.ts proto
docs: setup ## Make the generated references of docs/
	@$(NODE) tools/generated.ts docs

.PHONY: bench bench-call bench-flood bench-ladder bench-media bench-memory bench-pods bench-throttling
bench: setup ## Benchmarks; figures and how to read them in benchmarks/README.md
	@deploy/local/install benchmark && deploy/local/stores start
	@$(NODE) benchmarks/src/main.ts
bench-call: setup ## What a call costs in both shapes, beside Kamailio with PostgreSQL: CPU, time, memory
	@deploy/local/install benchmark && deploy/local/stores start
	@$(NODE) benchmarks/src/call.ts
bench-flood: setup ## Calls under ten times what an edge can take; draws docs/overload.svg (SHAPE=split|pod)
	@deploy/local/install && deploy/local/stores start
	@$(NODE) benchmarks/src/flood.ts
bench-throttling: setup ## A gateway that fails half its calls for a minute; draws docs/throttling.svg (SHAPE=split|pod)
	@deploy/local/install && deploy/local/stores start
	@$(NODE) benchmarks/src/throttling.ts
bench-ladder: setup ## The highest rate that both shapes hold, and Kamailio
	@deploy/local/install benchmark && deploy/local/stores start
	@$(NODE) benchmarks/src/ladder.ts
bench-media: setup ## What anchoring costs a call pod, and how many calls a media relay holds on a core
	@deploy/local/install && deploy/local/stores start
	@$(NODE) benchmarks/src/media-call.ts
	@$(NODE) benchmarks/src/relay.ts
bench-memory: setup ## Memory of make run while large configurations are applied
	@$(NODE) benchmarks/src/configuration-memory.ts
bench-pods: setup ## CPU and delay of a call with one edge, and with three behind random packets at three times its rate
	@deploy/local/install benchmark && deploy/local/stores start
	@$(NODE) benchmarks/src/pods.ts

.PHONY: trace
trace: setup ## List the ids of the specification that no test names
	@$(NODE) tools/trace.ts

.PHONY: clean
clean: ## Remove what was made: packages, stores' data, coverage
	@deploy/local/switch stop 2>/dev/null; deploy/local/stores wipe 2>/dev/null; rm -rf .local coverage node_modules
