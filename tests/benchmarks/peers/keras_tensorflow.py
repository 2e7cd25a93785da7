"""Keras with TensorFlow, as its first tutorial writes it: `python -m tests.benchmarks.peers.keras_tensorflow NETWORK FOLDER THREADS`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ.update(KERAS_BACKEND="tensorflow", TF_CPP_MIN_LOG_LEVEL="2")

import keras
import tensorflow
from keras import layers

from tests.benchmarks.peers.data import DEVIATION, MEAN, fashion
from tests.benchmarks.tasks import BATCH
from tests.benchmarks.turns import Turns


def network(name: str) -> keras.Model:
    """The networks of tasks.NETWORKS, with the channels last, as Keras has them."""
    if name == "mlp":
        return keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(128, "relu"), layers.Dense(10)])
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(120, "relu"),
            layers.Dense(84, "relu"),
            layers.Dense(10),
        ]
    )


class Steps(keras.callbacks.Callback):
    """Reports each step; the first ones compile."""

    def __init__(self) -> None:
        super().__init__()
        self.turns: Turns | None = None
        self.seen = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """One more step is done."""
        self.seen += 1
        if self.turns:
            self.turns.done()
        elif self.seen == 20:
            self.turns = Turns()


def main(name: str, folder: Path, threads: int) -> None:
    """Take part."""
    tensorflow.config.threading.set_intra_op_parallelism_threads(threads)
    tensorflow.config.threading.set_inter_op_parallelism_threads(threads)
    images, labels = fashion(folder, "train")
    inputs = ((images[..., None] / 255 - MEAN) / DEVIATION).astype("float32")
    model = network(name)
    model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(inputs, labels, batch_size=BATCH, epochs=10**6, verbose=0, callbacks=[Steps()])


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
