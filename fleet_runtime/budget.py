"""What a root task may spend: the worst case of every model call is bounded before the call is made. Pure.

What a prompt may have is bounded by `fleet_runtime.prompt_bounds`, what a call may write by ``max_tokens``, which is
lowered where the remainder is short. Spending is counted here; nothing here calls a model, reads a clock or a store.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final, Literal, NamedTuple

from fleet_runtime.messages import ModelRequest, Usage
from fleet_runtime.prompt_bounds import PromptBounds
from fleet_runtime.records import Spent
from fleet_runtime.settings import Price, Settings

LEAST_TOKENS: Final = 64
"""A call that could write fewer tokens than this is not made (unless it asked for fewer)."""

LEAST_SECONDS: Final = 0.05
"""A call that would have less time than this is not made."""

Budget = Literal["turn_tokens", "turn_money", "turn_seconds", "day_tokens", "day_money"]

_MILLION: Final = 1_000_000
_BOUNDLESS = 2**53


class Limits(NamedTuple):
    """Upper bounds of one root task, and of its account's day; None for no bound. Money is in the prices' currency."""

    tokens: int | None = None
    money: Decimal | None = None
    seconds: float | None = None
    day_tokens: int | None = None
    day_money: Decimal | None = None

    @property
    def by_day(self) -> bool:
        """Say whether the day's spending must be known."""
        return self.day_tokens is not None or self.day_money is not None


class Exhausted(NamedTuple):
    """A call is not made: ``which`` budget has no room for it, and the ``message`` that says so."""

    which: Budget
    message: str


def limits_of(settings: Settings) -> Limits:
    """Return the bounds that are set."""
    return Limits(
        tokens=settings.turn_tokens,
        money=settings.turn_money,
        seconds=settings.turn_seconds,
        day_tokens=settings.day_tokens,
        day_money=settings.day_money,
    )


def price_of(model: str, prices: Mapping[str, Price]) -> Price | None:
    """Return a model's price: under its very name, else under the longest name that it is a dated form of."""
    if model in prices:
        return prices[model]
    named = [name for name in prices if model.startswith(name) and _is_date(model[len(name) :])]
    return prices[max(named, key=len)] if named else None


def cost_of(usage: Usage, model: str, prices: Mapping[str, Price]) -> Usage:
    """Return the usage with its cost; calls to a model that stands in no table are counted as unpriced."""
    price = price_of(model, prices)
    if price is None:
        return usage.model_copy(update={"unpriced": usage.calls})
    cached = price.input if price.cached is None else price.cached
    read_anew = max(0, usage.prompt_tokens - usage.cached_tokens)
    millionths = read_anew * price.input + usage.cached_tokens * cached + usage.completion_tokens * price.output
    return usage.model_copy(update={"cost": millionths / _MILLION, "unpriced": 0})


class _Reserved(NamedTuple):
    """A call in flight: what was asked of which model, and what it may cost at most."""

    request: ModelRequest
    model: str
    tokens: int
    money: Decimal


class _Room(NamedTuple):
    """What one budget leaves for writing: so many tokens."""

    which: Budget
    tokens: int


class Purse:
    """The money, tokens and time of one root task, shared by all its hops and consultations.

    A call is first allowed, which sets its worst case aside, and then charged, or released if it came to nothing.
    So calls that run side by side cannot overspend together. For one event loop.
    """

    def __init__(
        self,
        limits: Limits,
        prices: Mapping[str, Price],
        *,
        spent_today: Spent = Spent(),  # noqa: B008 - a frozen value
        fallbacks: tuple[str, ...] = (),
        bounds: PromptBounds | None = None,
    ) -> None:
        """Begin with nothing spent.

        Args:
            limits: the bounds.
            prices: by model name, per million tokens.
            spent_today: what the account spent on this day before.
            fallbacks: models that may answer instead of the one that is asked: the dearest of them is reckoned with,
                and since each counts in its own way, nothing is learnt from what one of them counted.
            bounds: what is known of prompts, shared by all purses of a fleet; None knows nothing yet.
        """
        self._limits = limits
        self._prices = prices
        self._today = spent_today
        self._fallbacks = fallbacks
        self._tokens, self._money, self._unpriced = 0, Decimal(0), 0
        self._reserved: dict[int, _Reserved] = {}
        self._bounds = bounds or PromptBounds()
        self._bounds_spending = limits.tokens is not None or limits.money is not None or limits.by_day

    @property
    def spent(self) -> Spent:
        """Return what the task has spent, without what calls in flight may yet cost."""
        return Spent(tokens=self._tokens, cost=self._money, unpriced=self._unpriced)

    def allow(self, request: ModelRequest, model: str, elapsed_seconds: float) -> ModelRequest | Exhausted:
        """Set the worst case of a call aside, and return the request to make: itself, or one with narrower bounds.

        Where there is room for an answer, but not for ``max_tokens``, ``max_tokens`` is lowered; ``timeout_seconds`` is
        lowered to the time left. A model without a price is allowed whatever the money budget: nobody can say what it
        costs, so it is counted in ``Usage.unpriced``.

        Args:
            request: what is to be asked.
            model: the name of the model that is to be asked.
            elapsed_seconds: since the root task began.

        Returns: The request, to be given back to `charge` or `release`; or which budget has no room for it.
        """
        limits = self._limits
        changes: dict[str, object] = {}
        if limits.seconds is not None:
            left = limits.seconds - elapsed_seconds
            if left < LEAST_SECONDS:
                return Exhausted("turn_seconds", f"the time of {limits.seconds:g} s for this turn is over")
            if request.timeout_seconds is None or request.timeout_seconds > left:
                changes["timeout_seconds"] = left
        if not self._bounds_spending:
            return request.model_copy(update=changes) if changes else request
        price = self._dearest(model)
        prompt = self._bounds.of(request, model)
        room = self._room(prompt, price)
        if room is not None and room.tokens < request.max_tokens:
            if room.tokens < min(LEAST_TOKENS, request.max_tokens):
                return Exhausted(room.which, self._refusal(room.which, prompt))
            changes["max_tokens"] = room.tokens
        # Always a copy: it is this call's token, even where the same request is in flight twice.
        allowed = request.model_copy(update=changes)
        self._reserved[id(allowed)] = _Reserved(
            allowed, model, prompt + allowed.max_tokens, _worst(prompt, allowed.max_tokens, price)
        )
        return allowed

    def charge(self, allowed: ModelRequest, usage: Usage) -> None:
        """Settle an allowed call by what it really spent, as `cost_of` priced it."""
        reserved = self._settle(allowed, usage)
        counted_plainly = usage.calls == 1 and 0 < usage.prompt_tokens >= usage.cached_tokens
        if reserved is not None and counted_plainly and not self._fallbacks:
            self._bounds.measured(allowed, reserved.model, usage.prompt_tokens)

    def release(self, allowed: ModelRequest) -> None:
        """Give back what was set aside for an allowed call that came to nothing."""
        self._reserved.pop(id(allowed), None)

    def forfeit(self, allowed: ModelRequest, model: str) -> Usage:
        """Settle a call that was broken off before it told what it cost: by its worst case, which is returned."""
        prompt = self._bounds.of(allowed, model)
        usage = Usage(prompt_tokens=prompt, completion_tokens=allowed.max_tokens, calls=1)
        usage = cost_of(usage, model, self._prices)
        dearest = _worst(prompt, allowed.max_tokens, self._dearest(model))
        if dearest > usage.cost:
            usage = usage.model_copy(update={"cost": dearest})
        self._settle(allowed, usage)
        return usage

    def _settle(self, allowed: ModelRequest, usage: Usage) -> _Reserved | None:
        """Count what a call spent, instead of what was set aside for it."""
        self._tokens += usage.tokens
        self._money += usage.cost
        self._unpriced += usage.unpriced
        return self._reserved.pop(id(allowed), None)

    def _dearest(self, model: str) -> Price | None:
        """Return the highest prices of all models that may answer; None where none of them has a price."""
        prices = [price for name in (model, *self._fallbacks) if (price := price_of(name, self._prices))]
        if not prices:
            return None
        read = max(max(price.input, price.cached or Decimal(0)) for price in prices)
        return Price(input=read, output=max(price.output for price in prices))

    def _room(self, prompt: int, price: Price | None) -> _Room | None:
        """Return how many tokens may be written under the tightest budget, negative ones too; None without bounds."""
        limits, today = self._limits, self._today
        tokens = self._tokens + sum(call.tokens for call in self._reserved.values())
        money = self._money + sum((call.money for call in self._reserved.values()), Decimal(0))
        rooms: list[_Room] = []
        if limits.tokens is not None:
            rooms.append(_Room("turn_tokens", limits.tokens - tokens - prompt))
        if limits.day_tokens is not None:
            rooms.append(_Room("day_tokens", limits.day_tokens - today.tokens - tokens - prompt))
        if limits.money is not None and price is not None:
            rooms.append(_Room("turn_money", _affordable(limits.money - money, prompt, price)))
        if limits.day_money is not None and price is not None:
            rooms.append(_Room("day_money", _affordable(limits.day_money - today.cost - money, prompt, price)))
        return min(rooms, key=lambda room: room.tokens, default=None)

    def _refusal(self, which: Budget, prompt: int) -> str:
        """Say that a budget has no room for a prompt and an answer."""
        limits = self._limits
        bound = {
            "turn_tokens": f"{limits.tokens} tokens for this turn",
            "day_tokens": f"{limits.day_tokens} tokens for this account's day",
            "turn_money": f"{limits.money} for this turn",
            "day_money": f"{limits.day_money} for this account's day",
        }[which]
        return f"the budget of {bound} has no room for a further call (a prompt of up to {prompt} tokens)"


def _is_date(ending: str) -> bool:
    """Say whether an ending of a model's name only says which issue of it: "-2026-01-01", "-0613", "@latest"."""
    mark, issue = ending[:1], ending[1:]
    return mark in {"-", "@"} and (issue == "latest" or issue.replace("-", "").isdigit())


def _affordable(money: Decimal, prompt: int, price: Price) -> int:
    """Return how many tokens can be written for the money when the prompt is read; negative if not even that can."""
    left = money * _MILLION - prompt * price.input
    if left < 0 or price.output == 0:
        return _BOUNDLESS if left >= 0 else -1
    return int(left // price.output)


def _worst(prompt: int, written: int, price: Price | None) -> Decimal:
    """Return the most that a call can cost; nothing where there is no price."""
    return (prompt * price.input + written * price.output) / _MILLION if price else Decimal(0)
