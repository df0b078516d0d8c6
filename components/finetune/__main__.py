"""Stage 2: the connector and LoRA learn instructions."""

from functools import partial

from components.finetune.stage import run
from components.planning.tables import show_plan
from components.stages.command import run_stage
from components.training.expected import EXPECTED

if __name__ == "__main__":
    run_stage(__doc__, run, expected=EXPECTED, plan=partial(show_plan, stage="finetune"))
