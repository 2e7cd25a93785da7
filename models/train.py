"""The one training loop: experiment in, events out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from models.checkpoint import Snapshot
from models.columns import Columns, stride_at
from models.commands import Command, Pace, Pause, Resume, Retune, Step, Stop, Watch
from models.data import load
from models.diagnose import History, findings
from models.draw import frame
from models.entry import Words
from models.evaluation import TRAINING_EXAMPLES, evaluation_steps
from models.events import Evaluated, Event, Finished, Found, Frame, Retuned, Started, StateChanged
from models.experiment import Experiment
from models.learning import learner_for
from models.network import check
from models.past import Past
from models.task import Control
from models.views.catalogue import View
from models.views.scene import Scene
from models.views.view import Unseen

Inbox = Callable[[float | None], Command | None]
"""Waits at most so many seconds (None: for ever, 0: not at all) for the next command."""

TICK = 0.05
"""Seconds between two progress events."""
DRAW = 1 / 30
"""Least seconds between two drawings of one picture."""
LISTEN = 0.005
"""Seconds after which a running job looks for a command: asking costs microseconds, so not at each step."""
CHECKPOINT = 1.0
"""Seconds between two checkpoints; slower when writing one takes long."""
SLOW = 500_000_000
"""Multiplications in the first measurement from which on a loss is told before it."""


@dataclass(frozen=True)
class Options:
    """How a run is carried out; none of it changes what is computed."""

    device: str = "cpu"
    threads: int = 1
    """Only told: the process that calls `train` has set them."""
    paused: bool = False
    """Wait for a command before the first step."""
    steps_per_second: float | None = None
    resume: Snapshot | None = None
    """Go on from here instead of beginning."""
    past: Past = field(default_factory=Past)
    """What has been said before; it may reach beyond the snapshot."""


def train(experiment: Experiment, inbox: Inbox, options: Options = Options()) -> Iterator[Event | Frame | Snapshot]:
    """Train the experiment's network and say what happens.

    What is computed depends on the experiment, the device and the number of threads alone; the clock decides only how
    losses are cut into events, when pictures are drawn and when snapshots are taken. A snapshot holds live tensors: the
    caller writes it before asking for the next event; all that led to it has been said before. The last event is Finished.

    With `resume` and `past` the events go on where they broke off, as if nothing had happened: steps between the snapshot
    and the end of the past are done again in silence. Raises network.Unsound for an
    experiment with problems and datasets.files.Missing when its data is not on this machine.
    """
    return _Run(experiment, inbox, options).events()


class _Run:
    """The loop's own state: the learner, the clock's appointments and what has been asked of it."""

    def __init__(self, experiment: Experiment, inbox: Inbox, options: Options) -> None:
        self.experiment = experiment
        self.inbox = inbox
        # A snapshot is as large as all that is trained; it is let go once it has been restored.
        self.options = replace(options, resume=None)
        self.data = load(experiment.dataset, options.device)
        self.learner = learner_for(experiment, self.data, options.device)
        if options.resume:
            self.learner.restore(options.resume)
        self.of_training, self.of_validation = self.learner.evaluations()
        self.scene = Scene(experiment, self.learner.network, self.data)
        self.columns = Columns(self.learner.step_count, options.past.told)
        if options.resume:
            # Snapshots of the first release have none.
            self.columns.group += options.resume.numbers.get("group", [])
        self.history = History(experiment, said=set(options.past.findings))
        if options.resume:
            for step, evaluated in options.past.evaluations.items():
                if step <= options.resume.step:
                    self.history.add(evaluated)
        self.patience_steps = experiment.training.patience * self.learner.steps_per_epoch
        self.watched: tuple[View, ...] = ()
        self.schedule = (
            step for step in evaluation_steps(self.learner.steps_per_epoch, self.learner.steps) if step > self.learner.step_count
        )
        self.next_evaluation = next(self.schedule, None)
        self.outcome: Words | None = None
        self.paused = options.paused
        self.steps_left = 0
        self.period = 1 / options.steps_per_second if options.steps_per_second else 0.0
        self.stop = False
        self.saved_step = options.resume.step if options.resume else -1
        now = time.monotonic()
        self.cut_at = now
        self.draw_after = now
        self.checkpoint_after = now + CHECKPOINT
        self.listen_after = now
        self.step_due = now

    def events(self) -> Iterator[Event | Frame | Snapshot]:
        learner, data, past = self.learner, self.data, self.options.past
        yield Started(
            step=max(learner.step_count, past.step),
            device=self.options.device,
            threads=self.options.threads,
            parameters=check(self.experiment).parameters,
            training_examples=len(data.training),
            validation_examples=len(data.validation),
            steps_per_epoch=learner.steps_per_epoch,
            steps=learner.steps,
        )
        if self.paused:
            yield StateChanged(state="paused", step=max(learner.step_count, past.step))
        if self.saved_step < 0:
            if not self.paused and not past.step and self._slow_to_measure():
                yield from self._first_loss()
            yield from self._evaluate()
            yield from self._snapshot()
        self.outcome = self._ended()
        yield from self._catch_up()
        while self.outcome is None and not self.stop:
            yield from self._listen()
            if self.stop:
                break
            if self.paused and not self.steps_left:
                continue
            if self.steps_left or self.period:
                yield from self._advance(1)
            else:
                yield from self._run_on()
            if self.steps_left:
                self.steps_left -= 1
                if not self.steps_left:
                    self.draw_after = 0.0
            yield from self._appointments()
        yield from self._snapshot()
        yield from self._draw()
        if self.outcome is None:
            yield Finished(step=learner.step_count, outcome="stopped", reason=Words("Stopped on request.", "按要求停止。"))
        else:
            yield Finished(step=learner.step_count, outcome="completed", reason=self.outcome)

    def _slow_to_measure(self) -> bool:
        """Whether the first measurement takes so long that somebody who has pressed Play would wait for it."""
        examples = min(len(self.data.training), TRAINING_EXAMPLES) + len(self.data.validation)
        return check(self.experiment).operations * examples > SLOW

    def _first_loss(self) -> Iterator[Event]:
        """Say the loss of the first step, then take the step back: it is done again, in silence, once the untrained network has been
        measured. To the log it is a step behind the newest checkpoint, like those before an interruption."""
        learner = self.learner
        snapshot = learner.snapshot()
        start = replace(snapshot, tensors={name: value.clone() for name, value in snapshot.tensors.items()})
        self.columns.add(learner.steps_on(1))
        yield from self._cut()
        learner.restore(start)
        self.columns = Columns(0, told=1)
        self.options = replace(self.options, past=replace(self.options.past, step=1, told=1))

    def _catch_up(self) -> Iterator[Event | Frame | Snapshot]:
        """Do again what the past tells of steps behind the snapshot: the same numbers, so nothing of it is said twice."""
        past, learner = self.options.past, self.learner
        while True:
            learner.lr = past.retunes.get(learner.step_count, learner.lr)
            if learner.step_count >= past.step:
                break
            yield from self._advance(1)
        yield from self._cut()

    def _run_on(self) -> Iterator[Event]:
        """Steps and measurements until the clock asks for something, with nothing else between them."""
        due = min(self.listen_after, self._cut_due(), self.checkpoint_after)
        if self.watched:
            due = min(due, self.draw_after)
        while self.outcome is None:
            yield from self._advance(self._ahead())
            if time.monotonic() >= due:
                return

    def _ahead(self) -> int:
        """Steps up to and with the one after which the network is measured next."""
        return 1 if self.next_evaluation is None else self.next_evaluation - self.learner.step_count

    def _advance(self, most: int) -> Iterator[Event]:
        """At most so many steps, and what is measured after the last."""
        self.columns.add(self.learner.steps_on(most))
        if self.learner.step_count == self.next_evaluation:
            yield from self._evaluate()
            self.next_evaluation = next(self.schedule, None)
            self.outcome = self._ended()

    def _listen(self) -> Iterator[Event | Frame | Snapshot]:
        """Take the commands that have come; wait for one while paused, or until the next step is due."""
        waiting = self.paused and not self.steps_left
        now = time.monotonic()
        if waiting:
            yield from self._snapshot()
            command = self.inbox(None)
        elif self.period:
            self.step_due = max(self.step_due + self.period, now - self.period)
            command = self.inbox(max(0.0, self.step_due - now))
        elif now >= self.listen_after:
            command = self.inbox(0)
            self.listen_after = now + LISTEN
        else:
            return
        while command is not None:
            yield from self._obey(command)
            command = None if self.stop else self.inbox(0)

    def _obey(self, command: Command) -> Iterator[Event | Frame | Snapshot]:
        learner = self.learner
        match command:
            case Pause():
                self.steps_left = 0
                if not self.paused:
                    self.paused = True
                    yield from self._cut()
                    yield StateChanged(state="paused", step=learner.step_count)
            case Resume():
                self.steps_left = 0
                if self.paused:
                    self.paused = False
                    self.cut_at = self.step_due = time.monotonic()
                    yield StateChanged(state="running", step=learner.step_count)
            case Step(unit=unit, count=count):
                if not self.paused:
                    self.paused = True
                    yield StateChanged(state="paused", step=learner.step_count)
                # To the end of an epoch, also from its middle.
                into = learner.step_count % learner.steps_per_epoch
                self.steps_left = count if unit == "batch" else count * learner.steps_per_epoch - into
                self.cut_at = time.monotonic()
            case Stop():
                self.stop = True
            case Retune(lr=lr):
                learner.lr = lr
                yield Retuned(step=learner.step_count, lr=lr)
            case Pace(steps_per_second=rate):
                self.period = 1 / rate if rate else 0.0
                self.step_due = time.monotonic()
            case Watch(views=views):
                self.watched = views
                yield from self._draw()

    def _appointments(self) -> Iterator[Event | Frame | Snapshot]:
        """What the clock asks for: columns, pictures, a snapshot."""
        now = time.monotonic()
        if now >= self._cut_due():
            yield from self._cut()
        if self.watched and now >= self.draw_after:
            yield from self._draw()
        if now >= self.checkpoint_after:
            yield from self._snapshot()

    def _cut_due(self) -> float:
        # When an entry stands for several steps, events may come more rarely: they would hold little else than their heads.
        return self.cut_at + TICK * min(stride_at(self.learner.step_count), 20)

    def _cut(self) -> Iterator[Event]:
        now = time.monotonic()
        progress = self.columns.cut(now - self.cut_at, self.experiment.training.batch_size)
        self.cut_at = now
        if progress:
            yield progress

    def _snapshot(self) -> Iterator[Event | Snapshot]:
        """What is known now, if that is news, behind all that led to it; writing snapshots takes at most a twentieth of the time."""
        yield from self._cut()
        if self.saved_step == self.learner.step_count:
            return
        begun = time.monotonic()
        snapshot = self.learner.snapshot()
        yield replace(snapshot, numbers={**snapshot.numbers, "group": self.columns.group})
        written = time.monotonic()
        self.saved_step = self.learner.step_count
        self.checkpoint_after = written + max(CHECKPOINT, 20 * (written - begun))

    def _draw(self) -> Iterator[Frame]:
        """Draw what is watched; drawing takes at most a tenth of the time."""
        begun = time.monotonic()
        for view in self.watched:
            try:
                drawn = frame(view, self.scene, self.learner.step_count)
            except Unseen:
                # Somebody watches what this experiment does not have; asking for that view by itself tells them so.
                continue
            yield drawn
        ended = time.monotonic()
        self.draw_after = ended + max(DRAW - (ended - begun), 9 * (ended - begun))

    def _evaluate(self) -> Iterator[Event]:
        evaluated = self.options.past.evaluations.get(self.learner.step_count)
        if evaluated is None:
            evaluated = self._measured()
            yield evaluated
        self.history.add(evaluated)
        found: list[Found] = findings(self.history, self.scene)
        yield from found

    def _measured(self) -> Evaluated:
        learner = self.learner
        return Evaluated(
            step=learner.step_count,
            epoch=learner.epoch,
            training=self.of_training(),
            validation=self.of_validation(),
            lr=learner.rate,
            gradient_norm=learner.last_gradient_norm(),
        )

    def _ended(self) -> Words | None:
        """Why training is over, or None, as of the last evaluation: so it does not depend on the clock, nor on a resume."""
        history, last = self.history, self.history.evaluations[-1]
        if history.diverged:
            return Words(
                f"Diverged at step {last.step}: the loss is no longer a number.",
                f"在第 {last.step} 步发散：损失不再是一个数。",
            )
        if last.step >= self.learner.steps:
            epochs = self.experiment.training.epochs
            return Words(f"All {epochs} epochs are done.", f"{epochs} 轮全部完成。")
        if self.patience_steps and last.step - history.best_step >= self.patience_steps:
            if isinstance(self.experiment.task(), Control):
                return Words(
                    f"Stopped early: the return has not improved since epoch {history.best_epoch:.4g}.",
                    f"提前停止：回报自第 {history.best_epoch:.4g} 轮起没有再变好。",
                )
            return Words(
                f"Stopped early: the validation loss has not improved since epoch {history.best_epoch:.4g}.",
                f"提前停止：验证损失自第 {history.best_epoch:.4g} 轮起没有再变好。",
            )
        return None
