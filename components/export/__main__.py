"""Export: bundles for devices, compared with the model, timed, verified in a fresh process."""

import logging

from components.bundles.manifest import BundleError
from components.export.gguf.quantise import NotQuantised
from components.export.gguf.refusals import NotForLlamaCpp
from components.export.openvino.refusals import GroupsDoNotFit
from components.export.openvino.write import NothingToCalibrate
from components.export.stage import NotGoodEnough, run
from components.export.verify import VerificationFailed
from components.stages.command import run_stage

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", datefmt="%H:%M:%S")
    refused = (GroupsDoNotFit, NotForLlamaCpp, NotGoodEnough, NothingToCalibrate)
    run_stage(__doc__, run, (*refused, BundleError, NotQuantised, VerificationFailed))
