"""Export: bundles for devices, compared with the model, timed, verified in a fresh process."""

import logging

from components.bundles.manifest import BundleError
from components.export.gguf.quantise import NotQuantised
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.openvino.write import NothingToCalibrate
from components.export.stage import NotGoodEnough, run
from components.export.verify import VerificationFailed
from components.stages.command import run_stage

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    expected = (BundleError, NotForLlamaCpp, NotGoodEnough, NotQuantised, NothingToCalibrate, VerificationFailed)
    run_stage(__doc__, run, expected)
