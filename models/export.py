"""An experiment as one readable script that needs only torch, numpy and, where the data is scikit-learn's, scikit-learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod

import numpy as np

from models.data import load
from models.datasets.decoded import arrays
from models.entry import Source
from models.evaluation import CHUNK, TRAINING_EXAMPLES, evaluation_steps
from models.experiment import Experiment
from models.learner import batches
from models.methods.method import Written
from models.modules import Penalised, share
from models.network import Plan, Unsound, Wire, attribute, plan
from models.sources import Sources

HEAD = '''"""{title}: a network from Neural Playground, as a script of its own.

Run on the machine that trained it, it prints the same losses as the job's evaluations, digit for digit.
"""

from __future__ import annotations

{imports}

torch.set_num_threads({threads})  # as in the job: the last digits depend on it
device = torch.device("{device}")
'''

DATA = """
# Data: inputs and targets for training and for validation.
training_inputs, training_targets, validation_inputs, validation_targets = (
    torch.from_numpy(array).to(device) for array in {dataset}
)
prepare = {prepare}.to(device)
"""

PREPARED_ONCE = """training_inputs, validation_inputs = prepare(training_inputs), prepare(validation_inputs)
"""

SCALED_TARGETS = """training_targets = (training_targets - {mean!r}) / {deviation!r}
validation_targets = (validation_targets - {mean!r}) / {deviation!r}
"""

TRAINING = '''
torch.manual_seed({weights_seed})  # first weights
network = Network().to(device{layout})
loss_function = {loss}.to(device)
optimizer = {optimizer}
{weights}shuffle = torch.Generator().manual_seed({seed})  # order of the examples
torch.manual_seed({seed})  # dropout and noise


def measure(inputs, targets):
    """Mean loss on a set."""
    network.eval()
    with torch.no_grad():
        outputs = torch.cat([network({chunk}) for chunk in torch.split(inputs, {chunk_size})])
        loss = loss_function(outputs, {wanted}).item()
    network.train()
    return loss


def evaluate(step):
    """Print the losses, and say whether training should end."""
    training_loss = measure(training_inputs[:{training_examples}], training_targets[:{training_examples}])
    validation_loss = measure(validation_inputs, validation_targets)
    print(f"step {{step}} training {{training_loss!r}} validation {{validation_loss!r}}", flush=True)
{patience}    return not (math.isfinite(training_loss) and math.isfinite(validation_loss))


steps_per_epoch = len(batches(torch.arange(len(training_inputs)), {batch_size}))
steps = {epochs} * steps_per_epoch
evaluations = set(evaluation_steps(steps_per_epoch, steps))
learning_rate = {lr!r}
{retunes}step, ended = 0, evaluate(0)
while step < steps and not ended:
    for batch in batches(torch.randperm(len(training_inputs), generator=shuffle).to(device), {batch_size}):
{before_step}{learn}{penalties}        optimizer.zero_grad()
        loss.backward()
{clip}        optimizer.step()
        step += 1
        if step in evaluations:
            ended = evaluate(step)
            if ended:
                break
'''

PATIENCE = """    global best_loss, best_step
    if validation_loss < best_loss:
        best_loss, best_step = validation_loss, step
    if step - best_step >= {patience} * steps_per_epoch:
        return True
"""


class Unexportable(ValueError):
    """There is no script that would print what the job said; the message says why."""


def pytorch_script(experiment: Experiment, threads: int = 1, retunes: Mapping[int, float] | None = None, device: str = "cpu") -> str:
    """The script. `retunes` are changes of the learning rate during the job: step after which they held, and the new rate.

    Raises network.Unsound for an experiment with problems, Unexportable for a method that no script follows, and
    datasets.files.Missing when its data, whose mean and deviation the script tells, is not on this machine.
    """
    method = experiment.training.method
    written = method.written()
    if written is None:
        raise Unexportable(method.unexportable().en)
    made = plan(experiment)
    if made.check.problems:
        raise Unsound(made.check.problems)
    training, dataset = experiment.training, experiment.dataset
    data = load(dataset)
    source = dataset.written()
    raw_training_inputs = arrays(dataset)[0]
    prepare = dataset.prepare(raw_training_inputs)
    loss = training.loss.call(experiment.task())
    schedule = training.schedule.call()
    optimizer = training.optimizer.call().before(Source("network.parameters()"))

    sources = Sources(imports={"import math", "import numpy as np", "import torch", "from torch import nn"})
    calls = [source, prepare, loss, optimizer, *[wire.call for wire in made.wires]]
    sources.add([target for call in calls for target in call.targets()])
    sources.add([batches, evaluation_steps, *([share] if any(wire.shares for wire in made.wires) else [])])
    constant = training.schedule.op == "constant"
    if not constant:
        sources.add(schedule.targets())

    by_batch = raw_training_inputs.dtype == np.uint8
    text = HEAD.format(title=dataset.title.en, imports=_imports(sources.imports), threads=threads, device=device)
    text += f"\n\n{sources.text()}\n\n\n{_network(made)}\n\n"
    text += DATA.format(dataset=source.code(), prepare=prepare.code())
    if not by_batch:
        text += PREPARED_ONCE
    if (data.target_mean, data.target_deviation) != (0.0, 1.0):
        text += SCALED_TARGETS.format(mean=data.target_mean, deviation=data.target_deviation)
    text += TRAINING.format(
        weights_seed=training.weights_seed,
        layout=", memory_format=torch.channels_last" if _has_images(made) else "",
        loss=loss.code(),
        optimizer=optimizer.code(),
        weights="weights = [parameter for parameter in network.parameters() if parameter.dim() > 1]\n"
        if training.l1 or training.l2
        else "",
        seed=training.seed,
        chunk="prepare(chunk)" if by_batch else "chunk",
        chunk_size=CHUNK,
        training_examples=TRAINING_EXAMPLES,
        patience=PATIENCE.format(patience=training.patience) if training.patience else "",
        batch_size=training.batch_size,
        epochs=training.epochs,
        lr=training.optimizer.lr,
        retunes=_beginnings(retunes or {}, bool(training.patience)),
        before_step=_before_step(None if constant else schedule.before(Source("step"), Source("steps")).code(), retunes or {}),
        wanted=written[1] if written[1] == "targets" else "prepare(inputs)" if by_batch else "inputs",
        learn=_learn("prepare(training_inputs[batch])" if by_batch else "training_inputs[batch]", written),
        penalties=_penalties(training.l1, training.l2, any(issubclass(target, Penalised) for target in _modules(made))),
        clip=f"        nn.utils.clip_grad_norm_(network.parameters(), {training.clip_norm!r})\n" if training.clip_norm else "",
    )
    return text


def _has_images(made: Plan) -> bool:
    """Whether images flow anywhere in the network: its kernels then lie with the channels last, as `network.build` lays them."""
    reports = (made.check.data, *made.check.parts.values(), *made.check.nodes.values())
    return any("height" in report.axes for report in reports)


def _imports(lines: set[str]) -> str:
    modules = sorted(line for line in lines if not line.startswith("from __future__"))
    return "\n".join(sorted(modules, key=lambda line: (line.startswith("from"), line)))


def _network(made: Plan) -> str:
    builds = "\n".join(line for wire in made.wires for line in _built(wire))
    steps = "\n".join(f"        {_variable(wire.id)} = {_applied(wire)}" for wire in made.wires[:-1])
    return "\n".join(
        [
            "class Network(nn.Module):",
            '    """The network as it was assembled."""',
            "",
            "    def __init__(self):",
            "        super().__init__()",
            builds,
            "",
            "    def forward(self, data):",
            *_parts(made),
            *([steps] if steps else []),
            f"        return {_applied(made.wires[-1])}",
        ]
    )


def _built(wire: Wire) -> Iterator[str]:
    """The lines that make a layer."""
    yield f"        self.{attribute(wire.id)} = {wire.call.code()}"
    if wire.shares:
        yield f"        share(self.{attribute(wire.id)}, self.{attribute(wire.shares)})"


def _parts(made: Plan) -> Iterator[str]:
    """The lines that cut an example into its inputs."""
    begin = 0
    for name, shape in made.parts:
        end = begin + prod(shape.sizes)
        yield f"        {_variable(name)} = data[:, {begin}:{end}].reshape(-1, {', '.join(map(str, shape.sizes))})"
        begin = end


def _applied(wire: Wire) -> str:
    return f"self.{attribute(wire.id)}({', '.join(_variable(name) for name in wire.inputs)})"


def _variable(node_id: str) -> str:
    return f"{node_id}_" if attribute(node_id) != node_id or node_id in {"self", "torch", "nn", "np", "math"} else node_id


def _beginnings(retunes: Mapping[int, float], patience: bool) -> str:
    lines = f"retunes = {dict(retunes)!r}  # the learning rate was changed by hand after these steps\n" if retunes else ""
    return lines + ("best_loss, best_step = math.inf, 0\n" if patience else "")


def _before_step(factor: str | None, retunes: Mapping[int, float]) -> str:
    lines = "        learning_rate = retunes.get(step, learning_rate)\n" if retunes else ""
    if factor is None and not retunes:
        return lines
    rate = "learning_rate" if factor is None else f"learning_rate * {factor}"
    return lines + f'        for group in optimizer.param_groups:\n            group["lr"] = {rate}\n'


def _learn(batch: str, written: Written) -> str:
    """The lines that find the loss of a batch."""
    if written == ("inputs", "targets"):
        return f"        loss = loss_function(network({batch}), training_targets[batch])\n"
    return f"        inputs = {batch}\n        loss = loss_function(network({written[0]}), {written[1]})\n"


def _modules(made: Plan) -> Iterator[type]:
    """The classes of which the network is made."""
    return (target for wire in made.wires for target in wire.call.targets() if isinstance(target, type))


def _penalties(l1: float, l2: float, penalised: bool) -> str:
    lines = ""
    if penalised:
        lines = "        for module in network.modules():\n            if isinstance(module, Penalised):\n"
        lines += "                loss = loss + module.penalty()\n"
    lines += f"        loss = loss + {l1!r} * sum(weight.abs().sum() for weight in weights)\n" if l1 else ""
    return lines + (f"        loss = loss + {l2!r} * sum(weight.square().sum() for weight in weights)\n" if l2 else "")
