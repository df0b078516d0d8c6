"""Stage 2: the connector and LoRA learn instructions."""

from components.finetune.stage import run
from components.stages.command import run_stage
from components.training.expected import EXPECTED

if __name__ == "__main__":
    run_stage(__doc__, run, expected=EXPECTED)
