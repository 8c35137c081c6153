"""Options that belong together, as one value each: a command asks for the groups it needs."""

import gc
import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from dendrite_cli.answers import Likeness
from dendrite_cli.axons import terms
from dendrite_cli.cli import compare_options as co
from dendrite_cli.cli import history_options as ho
from dendrite_cli.cli import network_options as net
from dendrite_cli.cli import options as o
from dendrite_cli.cli import protocol_options as po
from dendrite_cli.cli import stream_options as so
from dendrite_cli.cli import target_options as to
from dendrite_cli.errors import ClosedPipeError, UsageError
from dendrite_cli.output.streams import Layout


@dataclass(frozen=True, slots=True)
class Subnet:
    """Whom to ask, by a metagraph."""

    netuid: to.Netuid = None
    network: to.Network = "finney"
    uid: to.Uids = None
    hotkey: to.Hotkeys = None
    coldkey: to.Coldkeys = None
    role: to.Role = terms.Role.ALL
    min_stake: to.MinStake = None
    top: to.Top = None
    by: to.By = terms.By.INCENTIVE
    sample: to.Sample = None
    seed: to.Seed = None
    unique: to.UniqueOption = None
    exclude: to.Exclude = None
    limit: to.Limit = None
    snapshot: to.SnapshotOption = None
    offline: to.Offline = False
    refresh: to.Refresh = False
    allow_private: to.AllowPrivate = False
    chain_timeout: to.ChainTimeout = 20.0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks."""

    wallet: o.Wallet = "default"
    wallet_hotkey: o.Hotkey = "default"
    wallet_path: o.WalletPath = Path("~/.bittensor/wallets")
    password_file: o.PasswordFile = None
    unsigned: o.Unsigned = False
    ephemeral: o.Ephemeral = False
    no_input: o.NoInput = False


@dataclass(frozen=True, slots=True)
class Instead:
    """What is done instead of sending."""

    dry_run: o.DryRun = False
    curl: o.Curl = False

    def __bool__(self) -> bool:
        return self.dry_run or self.curl


@dataclass(frozen=True, slots=True)
class Bounds:
    """How long and how much."""

    timeout: net.Timeout = 12.0
    connect_timeout: net.ConnectTimeout = 3.0
    first_byte_timeout: net.FirstByteTimeout = None
    idle_timeout: net.IdleTimeout = 15.0
    max_bytes: net.MaxBytes = "16MiB"
    deadline: net.Deadline = None
    proxy: net.ProxyOption = None
    ipv4: net.IPv4 = False
    ipv6: net.IPv6 = False
    ca: po.Ca = None
    insecure: po.Insecure = False


@dataclass(frozen=True, slots=True)
class StreamBounds(Bounds):
    """The same of a stream, whose time-out is for its first chunk."""

    timeout: so.StreamTimeout = so.STREAM_TIMEOUT


@dataclass(frozen=True, slots=True)
class Speaking:
    """What axons are spoken to in, and what HTTP is told beside it."""

    proto: po.ProtoOption = None
    path: po.PathOption = None
    method: po.Method = None
    header: po.Header = None


@dataclass(frozen=True, slots=True)
class Knowing:
    """What is found out about who is there."""

    prove: po.Prove = False
    discover_hotkey: po.DiscoverHotkey = False


@dataclass(frozen=True, slots=True)
class Streaming:
    """What becomes of a stream, when it is enough, and how its text is laid out."""

    decode: so.DecodeOption = None
    max_chunks: so.MaxChunks = None
    stop_on: so.StopOn = None
    layout: so.LayoutOption = Layout.AUTO
    focus: so.Focus = None


@dataclass(frozen=True, slots=True)
class Pacing:
    """How many at once, how often, and how many are enough."""

    parallel: net.Parallel = "auto"
    per_host: net.PerHost = 8
    rate: net.Rate = None
    until: net.Until = None
    retries: net.RetriesOption = 0
    retry_on: net.RetryOn = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of the outcomes, and when they are enough."""

    output: o.Output = o.Format.AUTO
    columns: o.Columns = None
    sort: o.Sort = None
    only: o.OnlyOption = None
    require: o.Require = None
    quiet: o.Quiet = False
    verbose: o.Verbose = 0
    color: o.ColorOption = o.Color.AUTO


@dataclass(frozen=True, slots=True)
class Comparing:
    """Whether answers are compared, and when two of them are alike."""

    compare: co.Compare = False
    compare_by: co.CompareBy = None
    tolerance: co.Tolerance = None

    def likeness(self) -> Likeness | None:
        """Return when two answers are alike; None where they are not compared. Raises UsageError."""
        if not (self.compare or self.compare_by is not None or self.tolerance is not None):
            return None
        try:
            return Likeness.parse(self.compare_by, self.tolerance)
        except ValueError as problem:
            name = "--tolerance" if "tolerance" in str(problem) else "--compare-by"
            raise UsageError(f"{name} {problem}") from None


@dataclass(frozen=True, slots=True)
class Kept:
    """What the history keeps of a run."""

    history: o.HistoryOption = True
    tag: o.Tag = None
    redact: o.Redact = None
    history_days: o.KeepDays = 90.0
    history_size: o.KeepSize = "500MB"


@dataclass(frozen=True, slots=True)
class Fitting:
    """Which runs of the history are meant."""

    command: ho.Command = None
    synapse: ho.Synapse = None
    uid: ho.Uid = None
    hotkey: ho.Hotkey = None
    axon: ho.Axon = None
    tag: ho.Tag = None
    outcome: ho.Outcome = None
    since: ho.Since = None
    until: ho.Until = None
    search: ho.Search = None


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What is shown of a run that is over."""

    output: o.Output = o.Format.AUTO
    columns: o.Columns = None
    sort: o.Sort = None
    only: o.OnlyOption = None
    quiet: o.Quiet = False
    verbose: o.Verbose = 0
    color: o.ColorOption = o.Color.AUTO


@dataclass(frozen=True, slots=True)
class Replayed:
    """What is shown of a run that is asked again: --only is about whom to ask."""

    output: o.Output = o.Format.AUTO
    columns: o.Columns = None
    sort: o.Sort = None
    require: o.Require = None
    quiet: o.Quiet = False
    verbose: o.Verbose = 0
    color: o.ColorOption = o.Color.AUTO


@dataclass(frozen=True, slots=True)
class Listing:
    """How records that need no run are shown."""

    output: o.Output = o.Format.AUTO
    quiet: o.Quiet = False
    color: o.ColorOption = o.Color.AUTO


AS_THE_RUN = "as the run"
"""Marks an option, or a group of them, that is what it was in another run unless it is given."""


def grouped(command: Callable[..., int]) -> Callable[..., int]:
    """Give Typer a command whose groups are spread into their options, and gather them again when it is called."""
    parameters: list[inspect.Parameter] = []
    groups: dict[str, type] = {}
    for parameter in inspect.signature(command, eval_str=True).parameters.values():
        known, *told = get_args(parameter.annotation) or (parameter.annotation,)
        if isinstance(known, type) and is_dataclass(known):
            groups[parameter.name] = known
            spread = _spread(known)
        else:
            spread = [parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)]
        parameters += map(_of_the_run, spread) if AS_THE_RUN in told else spread

    def gathering(**values: Any) -> int:  # noqa: ANN401 - whatever the options are
        for name, group in groups.items():
            values[name] = group(**{field.name: values.pop(field.name) for field in fields(group)})
        # what is loaded by now is old, and is not looked through at once
        gc.freeze()
        gc.unfreeze()
        gc.enable()
        try:
            return command(**values)
        except BrokenPipeError as closed:
            # Typer would make exit code 1 of it
            raise ClosedPipeError from closed

    gathering.__name__ = command.__name__
    gathering.__doc__ = command.__doc__
    gathering.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    gathering.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return gathering


def _of_the_run(parameter: inspect.Parameter) -> inspect.Parameter:
    """Return an option that no variable sets, and whose help names no default."""
    kind, *told = get_args(parameter.annotation)
    info = copy(next(one for one in told if one != AS_THE_RUN))
    info.envvar, info.show_default = None, False
    return parameter.replace(annotation=Annotated[kind, info])


def _spread(group: type) -> list[inspect.Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(group)
    ]
