"""What the agent masks with: engine, residual check and lens, as the configuration says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from agent.alarms import LineMask
from agent.service.config import AgentConfig
from agent.service.secrets import key_ring
from app.masking import (
    EVERYTHING,
    Canaries,
    Engine,
    KeyRing,
    MaskingError,
    ResidualCheck,
    RuleSet,
    load_rules,
    mask_name,
    open_engine,
    read_canaries,
    residual_check,
)
from app.masking.lens import Lens
from app.secrets import SecretStore


@dataclass(frozen=True, slots=True)
class Grounds:
    """What all masking of one agent goes by; read once, for it takes megabytes.

    Attributes:
        rules: what is personal.
        ring: keys of pseudonyms.
        known: the site's own values; None without any.
    """

    rules: RuleSet
    ring: KeyRing
    known: Canaries | None


def read_grounds(config: AgentConfig, vault: SecretStore) -> Grounds:
    """Read rules, keys and known values.

    Raises:
        WorldError: what is not right, before anything was changed.
    """
    rules = load_rules(config.rules_file, profile=config.profile)
    ring = key_ring(config, vault)
    known = None if config.known_file is None else read_canaries(config.known_file, country=rules.country)
    return Grounds(rules=rules, ring=ring, known=known)


def line_mask(grounds: Grounds, lens: Lens | None) -> LineMask:
    """What alarms mask their lines with: an engine and a check of their own, made at the first alarm."""
    rules, key, known = grounds.rules, grounds.ring.current, grounds.known

    def engine() -> Engine:
        made = open_engine(rules, key)
        if lens is not None:
            made.on_token = lens.keep
        return made

    return LineMask(
        engine,
        lambda: residual_check(rules, key, canaries=known, reach=EVERYTHING),
        masked=(lambda: None) if lens is None else lens.flush,
    )


def masked_names(engine: Engine) -> Callable[[str], str]:
    """Masks names of applications; ``?`` stands for one that cannot be masked."""

    def masked(name: str) -> str:
        try:
            return mask_name(engine, name)
        except MaskingError:
            return "?"

    return masked


def open_masking(config: AgentConfig, grounds: Grounds) -> tuple[Engine, ResidualCheck, Lens | None]:
    """Engine, check and lens.

    Raises:
        WorldError: what is not right, before anything was changed.
    """
    rules, ring, known = grounds.rules, grounds.ring, grounds.known
    check = residual_check(
        rules, ring.current, canaries=known, reach=EVERYTHING if config.check_all else None
    )
    engine = open_engine(rules, ring.current, threads=config.jobs.manners.threads())
    if config.lens is None:
        return engine, check, None
    lens = Lens(config.lens, ring, days=config.lens_days, country=rules.country)
    engine.on_token = lens.keep
    return engine, check, lens
