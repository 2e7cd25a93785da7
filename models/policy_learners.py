"""Learning a policy by its gradient: REINFORCE, and actor and critic."""

from __future__ import annotations

from typing import cast

import torch
from torch import Tensor
from torch.nn import functional as F

from models.control_learner import ControlLearner
from models.methods.actor_critic import ActorCritic
from models.methods.reinforce import Reinforce
from models.playing import Moment, episodes

LEAST_SPREAD = 0.02
"""Deviation of the advantages, in the world's unit, below which they are no longer made as large as others."""


def discounted(rewards: Tensor, discount: float) -> Tensor:
    """What follows from each moment on, later rewards counting less: (time, worlds) to the same."""
    returns = torch.empty_like(rewards)
    later = torch.zeros_like(rewards[0])
    for time in reversed(range(len(rewards))):
        later = rewards[time] + discount * later
        returns[time] = later
    return returns


def advantages(moments: list[Moment], values: Tensor, next_values: Tensor, discount: float, blend: float, unit: float = 1.0) -> Tensor:
    """How much better each action turned out than the critic had thought, (time, worlds): the differences δ of one step, added up
    with falling weight until the episode is over (Schulman et al., 2016). `values` and `next_values` are the critic's, of the states
    before and after each action, in so large units; nothing follows an end, but what follows where an episode was broken off counts."""
    found = torch.empty_like(values)
    later = torch.zeros_like(values[0])
    for time in reversed(range(len(moments))):
        moment = moments[time]
        rewards, ended, over = (part.to(values.device) for part in (moment.rewards / unit, moment.ended, moment.over))
        surprise = rewards + discount * torch.where(ended, 0.0, next_values[time]) - values[time]
        later = surprise + discount * blend * torch.where(over, 0.0, later)
        found[time] = later
    return found


class ReinforceLearner(ControlLearner):
    """Whole episodes, then one step along the gradient of log-probability times what was better than the mean."""

    def improve(self) -> Tensor:
        """Play a batch of episodes; their loss."""
        method = cast(Reinforce, self.method)
        chance = self.arena.chance
        self.network.eval()
        played = episodes(self.world, lambda states: self.actor.by_chance(states, chance), self.batch_size, chance)
        self.network.train()
        self.arena.finished += played.returns.tolist()
        going = played.going
        returns = discounted(played.rewards, method.discount)[going]
        # In units of their own deviation, so that one learning rate suits short and long episodes.
        spread = returns.std(correction=0) + 1e-6
        weights = (returns - returns.mean()) / spread if method.baseline else returns / (returns.square().mean().sqrt() + 1e-6)
        scores = self.network(self.actor.seen(played.states[going]))
        surprise = F.cross_entropy(scores, played.actions[going].to(self.device), reduction="none")
        return (surprise * weights.to(self.device)).mean()


class ActorCriticLearner(ControlLearner):
    """A few steps in each world, then one step for the actor and the critic together."""

    def improve(self) -> Tensor:
        """Act for a while; the loss of what was done."""
        method = cast(ActorCritic, self.method)
        self.network.eval()
        moments: list[Moment] = []
        for _ in range(method.horizon):
            moments.append(self.arena.step(self.actor.by_chance(self.arena.states, self.arena.chance)))
        self.network.train()
        shape = (len(moments), self.batch_size)
        before, after = (torch.cat([getattr(moment, name) for moment in moments]) for name in ("states", "after"))
        actions = torch.cat([moment.actions for moment in moments]).to(self.device)
        answers = self.network(self.actor.seen(before))
        scores, values = answers[:, :-1], answers[:, -1]
        with torch.no_grad():
            next_values = self.network(self.actor.seen(after))[:, -1].view(shape)
            better = advantages(moments, values.detach().view(shape), next_values, method.discount, method.blend, self.world.unit).flatten()
            foretold = better + values
            # Where nothing has been earned yet, what is left are the critic's own errors: not to be made large.
            weights = (better - better.mean()) / better.std(correction=0).clamp_min(LEAST_SPREAD)
        logs = F.log_softmax(scores, dim=1)
        acting = -(logs.gather(1, actions.unsqueeze(1)).squeeze(1) * weights).mean()
        undecided = -(logs.exp() * logs).sum(dim=1).mean()
        return acting + method.critic * F.mse_loss(values, foretold) - method.entropy * undecided
