"""What the demo reads in DVC's output."""

import pytest

from infra.stage_log import StageLog

OUTPUT = (
    b"Stage 'backbones' didn't change, skipping\n"
    b"Stage 'ingest' is cached - skipping run, checking out outputs\n"
    b"Running stage 'pretrain':\n> python -m components.pretrain\n10%|#  |\r20%|## |\n"
    b"Running stage 'finetune':\n"
)


def results(log: StageLog) -> dict[str, str]:
    return {name: record.result for name, record in log.stages.items()}


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_reads_results_however_the_output_is_cut(size: int) -> None:
    log = StageLog()
    for start in range(0, len(OUTPUT), size):
        log.feed(OUTPUT[start : start + size], now=float(start))
    log.close(now=2000.0, failed=False)
    assert results(log) == {
        "backbones": "up to date",
        "ingest": "from cache",
        "pretrain": "ran",
        "finetune": "ran",
    }
    assert log.stages["pretrain"].seconds is not None
    assert log.stages["ingest"].seconds is None


def test_times_a_stage_until_the_next_one() -> None:
    log = StageLog()
    log.feed(b"Running stage 'pretrain':\n", now=10.0)
    log.feed(b"Running stage 'finetune':\n", now=14.5)
    log.close(now=20.0, failed=False)
    assert [record.seconds for record in log.stages.values()] == [4.5, 5.5]


def test_the_running_stage_is_the_one_that_failed() -> None:
    log = StageLog()
    log.feed(b"Running stage 'ingest':\nRunning stage 'pretrain':\n", now=0.0)
    log.feed(b"ERROR: failed to reproduce 'pretrain': failed to run: exited with 1\n", now=3.0)
    log.close(now=4.0, failed=True)
    assert results(log) == {"ingest": "ran", "pretrain": "failed"}
    assert log.stages["pretrain"].seconds == 3.0


def test_a_stage_that_fails_before_it_runs_is_named() -> None:
    log = StageLog()
    log.feed(b"ERROR: failed to reproduce 'ingest': missing data 'source': params.yaml", now=1.0)
    log.close(now=2.0, failed=True)
    assert results(log) == {"ingest": "failed"}
