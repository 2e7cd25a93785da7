"""PyTorch Lightning, as its first tutorial writes it: `python -m tests.benchmarks.peers.lightning_style NETWORK FOLDER THREADS`."""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from typing import Any

import lightning
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from tests.benchmarks.peers.data import fashion
from tests.benchmarks.peers.plain_torch import network, tensors
from tests.benchmarks.tasks import BATCH
from tests.benchmarks.turns import Turns


class Classifier(lightning.LightningModule):
    """A network with its loss and optimizer."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.network = network(name)

    def training_step(self, batch: tuple[Tensor, Tensor], _index: int) -> Tensor:
        """Loss of a batch."""
        inputs, targets = batch
        loss = nn.functional.cross_entropy(self.network(inputs), targets)
        self.log("loss", loss)
        return loss

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam."""
        return torch.optim.Adam(self.parameters(), lr=1e-3)


class Steps(lightning.Callback):
    """Reports each step."""

    turns: Turns | None = None

    def on_train_batch_end(self, *_: Any) -> None:
        """One more step is done."""
        if self.turns is None:
            self.turns = Turns()
        self.turns.done()


def main(name: str, folder: Path, threads: int) -> None:
    """Take part."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(threads)
    # What the tutorial's defaults write besides (logs, checkpoints, a bar) is left out: it would count against Lightning.
    trainer = lightning.Trainer(
        max_epochs=-1,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[Steps()],
    )
    trainer.fit(Classifier(name), DataLoader(tensors(fashion(folder, "train")), batch_size=BATCH, shuffle=True))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
