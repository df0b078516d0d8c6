# Needs Python 3.11 or 3.12 with venv, git and make. Everything else goes into .venv.
# `make` alone lists what there is.
.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: help setup demo flow profile dashboard backbones test test-all gguf lint images clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## make .venv; does nothing when it is up to date
	@infra/setup.sh

demo: setup ## run the whole pipeline on a small scale; what is up to date is not run again
	@python -m infra.run_demo

flow: setup ## start a Prefect server and the flow's deployment; prints how to run it
	python -m flows.up

profile: setup ## write a profile into params.yaml: make profile P=aiku
	python -m components.params.profile $(P)

dashboard: setup ## open the dashboard on what has been run
	streamlit run dashboards/app.py

backbones: setup ## remake the demo's small backbones (an hour or more on two cores)
	python -m components.backbones.remake

test: lint ## check style and types and run all tests but the nightly ones (about 20 minutes)
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 20 -m "not nightly"

test-all: lint gguf ## check style and types and run all tests, those of GGUF and of whole demos among them
	python -m pytest -n 2 --dist loadfile --no-loadscope-reorder --durations 20

gguf: setup ## compile llama.cpp's bindings (minutes), with which the stage export writes GGUF
	@python -m pip install -qq --constraint constraints.txt --editable '.[dev,gguf]'

lint: setup ## check style and types with ruff and mypy
	ruff check .
	ruff format --check .
	mypy

images: ## build the container images with podman, buildah or docker
	infra/images/build.sh

clean: ## remove .venv and tools' caches; results and DVC's cache stay
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
