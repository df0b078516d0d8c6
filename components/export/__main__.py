"""Export: convert, quantise, verify in a fresh process, and report size, speed and agreement."""

from components.export.stage import NotGoodEnough, run
from components.export.verify import VerificationFailed
from components.stages.command import run_stage

if __name__ == "__main__":
    run_stage(__doc__, run, expected=(NotGoodEnough, VerificationFailed))
