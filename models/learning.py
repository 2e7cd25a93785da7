"""Which learner carries out which method."""

from __future__ import annotations

from models.adversarial_learner import AdversarialLearner
from models.data import Data
from models.experiment import Experiment
from models.layerwise_learner import LayerwiseLearner
from models.learner import Learner
from models.policy_learners import ActorCriticLearner, ReinforceLearner
from models.q_learner import DeepQLearner

LEARNERS: dict[str, type[Learner]] = {
    "adversarial": AdversarialLearner,
    "layer_by_layer": LayerwiseLearner,
    "reinforce": ReinforceLearner,
    "actor_critic": ActorCriticLearner,
    "dqn": DeepQLearner,
}
"""By the method's op; a method that is not here differs only in what it asks for (`Method.pose`)."""


def learner_for(experiment: Experiment, data: Data, device: str) -> Learner:
    """The learner of the experiment's method, before its first step."""
    return LEARNERS.get(experiment.training.method.op, Learner)(experiment, data, device)
