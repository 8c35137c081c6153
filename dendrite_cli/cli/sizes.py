"""Sizes as they are typed: 500kB, 16MiB, or a number of bytes."""

from dendrite_cli.errors import UsageError


def size_of(text: str, option: str) -> int:
    """Return the bytes of `16MiB`; raise UsageError for what is no size."""
    from pydantic import ByteSize, TypeAdapter, ValidationError

    try:
        return int(TypeAdapter(ByteSize).validate_python(text))
    except ValidationError:
        raise UsageError(f"{option} {text!r} is not a size", help="write 500kB, 16MiB or a number") from None
