# ccrnn: a thin front on Meson and the programs in scripts/. `make help` lists the targets.
#
#   INSTALL=no   never install a package: print the line that would, and stop if one is missing
#   STRICT=1     a skipped test fails `make check`
#   JOBS=N       compilers and tests at the same time (default: the CPUs this process may use)
#   PREFIX=DIR   where `make install` and `make uninstall` work (default /usr/local)
#   DESTDIR=DIR  put in front of PREFIX, for packagers

BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
PYTHON ?= /usr/bin/python3
INSTALL ?= yes
STRICT ?= 0
JOBS ?= $(shell nproc)

export BUILD INSTALL STRICT JOBS

.DEFAULT_GOAL := all
.PHONY: all help build demo check check-exhaustive check-scale bench lint fuzz install uninstall clean

all: build ## build the library and the command line (the default)
	@echo "Built $(BUILD)/cli/ccrnn. 'make demo' trains and reports, 'make help' lists the rest."

help: ## list the targets
	@echo "Targets:"
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' Makefile | \
	    while IFS='|' read -r target text; do printf '%-24s %s\n' "$$target" "$$text"; done
	@echo "Settings:"
	@sed -n 's/^#   \([A-Z]*=[A-Za-z0-9]*\) *\(.*\)/  \1|\2/p' Makefile | \
	    while IFS='|' read -r name text; do printf '%-24s %s\n' "$$name" "$$text"; done

build:
	@INSTALL=no scripts/install-deps build
	@scripts/build release

demo: ## install what running needs, train the line-drawing study, write its report
	@scripts/install-deps run
	@scripts/build release
	"$(BUILD)/cli/ccrnn" run studies/linedraw.yaml --out demo
	"$(BUILD)/cli/ccrnn" report demo
	@echo "The report: $(CURDIR)/demo/report/report.html"

check: ## all tests: release build, address and undefined sanitizers, thread sanitizer
	@scripts/install-deps run check
	@$(PYTHON) scripts/check

check-exhaustive: ## exp, tanh and sigmoid over every float (long)
	@scripts/install-deps run check
	@CCRNN_EXHAUSTIVE=1 $(PYTHON) scripts/check --kind check --suite exhaustive

check-scale: ## many processes, Slurm, MPI, storms of kills (minutes)
	@scripts/install-deps run check scale
	@$(PYTHON) scripts/check --kind check --suite scale

bench: ## time the training step, beside the same step in PyTorch, and split over two ranks
	@scripts/install-deps run bench
	@scripts/build release
	"$(BUILD)/cli/ccrnn" bench
	"$(PYTHON)" bench/peers/compare "$(BUILD)/cli/ccrnn"
	@if [ -x "$(BUILD)/mpi/ccrnn-mpi" ]; then bench/ranks "$(BUILD)/mpi/ccrnn-mpi" --measured; fi

lint: ## format, static analysis, direction of includes, headers on their own
	@scripts/install-deps run check lint
	@$(PYTHON) scripts/lint

fuzz: ## fuzz the readers of foreign files
	@scripts/install-deps run fuzz
	@scripts/fuzz

install: build ## install into $(DESTDIR)$(PREFIX)
	@$(PYTHON) scripts/install --build "$(BUILD)" --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

uninstall: ## remove exactly what `make install` put into $(DESTDIR)$(PREFIX)
	@$(PYTHON) scripts/install --uninstall --prefix "$(PREFIX)" --destdir "$(DESTDIR)"

clean: ## remove the build directories (results in demo/ and runs/ stay)
	rm -rf -- "$(BUILD)" build-check build-asan build-tsan build-lint build-fuzz
