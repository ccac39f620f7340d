"""Describe an exception without the words that somebody typed."""

# Their texts name something in the program, never something that was typed.
SAFE_EXCEPTIONS = (AttributeError, ImportError, NameError, TypeError)
SAFE_DIAGNOSTICS = (
    "sqlstate",
    "table_name",
    "constraint_name",
)  # of psycopg's diagnosis, which also quotes rows


def describe_exception(problem: BaseException) -> str:
    """Return the kind of an exception, with its text only where it quotes nobody."""
    kind = type(problem)
    text = f"{kind.__module__}.{kind.__qualname__}"
    if isinstance(problem, SAFE_EXCEPTIONS):
        text += f": {problem}"
    diagnosis = getattr(problem, "diag", None) or getattr(problem.__cause__, "diag", None)
    return " ".join(
        [text, *filter(None, (getattr(diagnosis, name, None) for name in SAFE_DIAGNOSTICS))]
    )
