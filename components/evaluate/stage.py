"""The stage from models and items to scores: every model answers, a judge rates, then all is scored and compared."""

from __future__ import annotations

import logging

from components.cluster.machine import needs_ray, ray_if
from components.evaluate.answering import answer_all, read_asked
from components.evaluate.judging import check_templates, judge_answers
from components.evaluate.latency.measure import measure_speed
from components.evaluate.models.loading import prepare
from components.evaluate.paths import Paths
from components.evaluate.predict.encodings import Encodings
from components.evaluate.score import score, speed_file
from components.evaluate.subjects import model_specs, subject_names
from components.files.atomic import new_folder, write_json
from components.fingerprints.stage import record_file, stage_fingerprint
from components.params.schema import Params
from components.stages.quiet import quiet_libraries

_log = logging.getLogger(__name__)


def run(params: Params, paths: Paths, this_run: str) -> None:
    """Let every model answer every benchmark, then score; ``this_run`` as one_run names it."""
    fingerprint = stage_fingerprint("evaluate", params, paths.root)
    quiet_libraries()
    settings = params.evaluate
    files = paths.benchmark_files()
    check_templates(settings.judge, paths)
    specs = model_specs(settings, paths)
    needed = any(needs_ray(settings.actors, spec.device == "gpu") for spec in specs)
    with ray_if(needed), new_folder(paths.predictions) as out:
        models = [(spec, prepare(spec, paths.scratch.resolve(), this_run)) for spec in specs]
        asked = [read_asked(name, file) for name, file in files.items()]
        encodings = Encodings()
        for spec, place in models:
            answer_all(spec, place, asked, settings, paths.scratch, out / spec.name, encodings)
        del encodings  # its memory may be needed by all models at once
        _log.info("timing answers of %s", ", ".join(spec.name for spec, _ in models))
        timings = measure_speed(models, list(files.values()), settings.batch, settings.speed)
        for name, measured in timings.items():
            write_json(speed_file(out, name), measured)
    judge_answers(settings.judge, subject_names(settings), paths)
    score(params, paths)
    fingerprint.write(record_file("evaluate", paths.root))
