"""Stage backbones: puts the image encoder and the language model in place."""

from components.backbones.shipped import DamagedBackbone
from components.backbones.stage import BackboneUnavailable, run
from components.stages.command import run_stage

if __name__ == "__main__":
    run_stage(__doc__, run, expected=(DamagedBackbone, BackboneUnavailable))
