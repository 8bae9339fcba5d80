# Ocean Bridge
# SPDX-License-Identifier: Apache-2.0

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
ARGS ?=
SECONDS ?= 60
TARGETS ?=

.PHONY: help demo test check build release benchmark faults fuzz format clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## the whole bridge with a pretend Ocean in one process; ARGS=--once ends by itself
	@.ci/install-packages build
	@swift build --product ocean-bridge
	@exec "$$(swift build --show-bin-path)/ocean-bridge" demo $(ARGS)

test: ## checks, one debug build, the whole suite with a RabbitMQ of its own
	@.ci/install-packages test
	@.ci/check-format
	@.ci/check-imports
	@swift build --build-tests
	@.ci/run-tests

check: ## format and import fences only
	@.ci/check-format
	@.ci/check-imports

build: ## debug build of the program
	@.ci/install-packages build
	@swift build --product ocean-bridge

release: ## optimised build with the Swift runtime inside
	@.ci/install-packages build
	@swift build -c release --static-swift-stdlib --scratch-path .build-release --product ocean-bridge

benchmark: ## side-by-side comparisons (ARGS=json, publisher, embedded, updates or cds)
	@.ci/install-packages test
	@swift build -c release --scratch-path .build-release --product ocean-bridge-benchmarks
	@exec .build-release/release/ocean-bridge-benchmarks $(ARGS)

faults: ## break everything round a running bridge and check every id, about an hour (ARGS="--scenario kills")
	@.ci/install-packages test
	@swift build --product ocean-bridge
	@swift build --product ocean-bridge-faults
	@exec "$$(swift build --show-bin-path)/ocean-bridge-faults" $(ARGS)

fuzz: ## fuzz every reader for SECONDS=60 each (TARGETS="json bundle"); the first build takes minutes
	@.ci/install-packages build
	@.ci/fuzz $(SECONDS) $(TARGETS)

format: ## rewrite every Swift file as .swift-format has it
	@swift format --in-place --parallel --recursive Package.swift Sources Tests

clean: ## remove what builds made
	@rm -rf .build .build-release Tests/Fuzzing/.build
