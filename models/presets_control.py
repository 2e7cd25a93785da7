"""Presets of networks that learn by reward."""

from __future__ import annotations

from models.entry import Words
from models.preset import RELU, TANH, adam, dense, preset, stack

CONTROL_PRESETS = (
    preset(
        "cart_pole",
        Words("Pole on a cart: REINFORCE", "倒立摆：REINFORCE"),
        Words(
            "The pole falls at once, then it does not. Nobody says which push was right: what was done in episodes that went better "
            "than usual is done more often. Where would the cart go on a longer track?",
            "杆一开始马上就倒，后来就不倒了。没有人说哪一推才对：比平常玩得好的那几局里做过什么，以后就多做什么。如果轨道更长，小车会跑到哪里？",
        ),
        {"op": "cart_pole"},
        stack(dense(32), TANH),
        method={"op": "reinforce"},
        optimizer=adam(0.01),
        batch_size=16,
        epochs=12,
        minutes=0.5,
    ),
    preset(
        "cart_pole_critic",
        Words("Pole on a cart: actor and critic", "倒立摆：演员与评论家"),
        Words(
            "The output has a third number: the critic’s guess of what is still to be earned. "
            "It learns before an episode is over. Without it, how would an action at the beginning be told from one at the end?",
            "输出多了第三个数：评论家估计还能得多少分。有了它，不等一局结束就能学。没有它，开头的动作和结尾的动作怎么分得出功劳？",
        ),
        {"op": "cart_pole"},
        stack(dense(64), TANH, dense(64), TANH),
        method={"op": "actor_critic", "horizon": 8, "updates": 100},
        optimizer=adam(0.003),
        schedule={"op": "cosine"},
        clip_norm=0.5,
        batch_size=32,
        epochs=12,
        minutes=1,
    ),
    preset(
        "cart_pole_dqn",
        Words("Pole on a cart: deep Q-learning", "倒立摆：深度 Q 学习"),
        Words(
            "At first every push is chance; then less and less. The return of the greedy policy leaps and falls, because the network "
            "learns from its own estimates. What happens when the target network is renewed at every step?",
            "一开始全是乱推，后来越来越少。按最好动作玩的回报忽高忽低，因为网络是在向自己的估计学习。如果目标网络每一步都更新，会怎样？",
        ),
        {"op": "cart_pole"},
        stack(dense(128), RELU, dense(128), RELU),
        method={"op": "dqn", "worlds": 4, "chance": 0.04},
        optimizer=adam(0.002),
        schedule={"op": "cosine"},
        batch_size=64,
        epochs=20,
        minutes=1,
    ),
    preset(
        "grid_world",
        Words("Grid world: actor and critic", "格子世界：演员与评论家"),
        Words(
            "The colours are what the critic expects from each cell, the arrows what the actor would do. "
            "Worth spreads from the goal, backwards, cell by cell. With more slip, does the way past the pits change?",
            "颜色是评论家对每一格的预期，箭头是演员想走的方向。价值从终点开始，一格一格往回传。地面再滑一点，绕陷阱的路会变吗？",
        ),
        {"op": "grid_world"},
        stack(dense(32), TANH),
        method={"op": "actor_critic", "updates": 50, "entropy": 0.05},
        optimizer=adam(0.01),
        batch_size=32,
        epochs=16,
        minutes=0.3,
    ),
)
"""In the order of the page's list."""
