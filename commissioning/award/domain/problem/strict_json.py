"""JSON text, read so that nothing of it is lost: no key twice, no float unnoticed."""

from __future__ import annotations

import json
from typing import Any

from commissioning.award.domain.problem.statement import BadProblem

_LONGEST_INTEGER = 1_000  # digits; longer ones are no amounts, and slow to read


class JsonObject(dict[str, Any]):
    """A JSON object that remembers the first key which stood in it twice."""

    twice: str | None = None


class NotAnInteger:
    """A JSON number that is no integer, kept so that a refusal can say where it stands."""

    def __init__(self, text: str) -> None:
        self.text = text


def read_json(source: str | bytes) -> Any:
    """The value that a JSON text (UTF-8, if bytes) states.

    Objects become JsonObject; numbers that are no integers become NotAnInteger. Raises BadProblem
    at `$` where the text is no JSON.
    """
    try:
        text = source.decode("utf-8") if isinstance(source, bytes) else source
        return json.loads(
            text,
            object_pairs_hook=_object_of_pairs,
            parse_float=NotAnInteger,
            parse_constant=NotAnInteger,
            parse_int=_integer_of_text,
        )
    except UnicodeDecodeError as error:
        raise BadProblem("$", f"is not UTF-8 text (byte {error.start + 1})") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise BadProblem("$", f"is not JSON: {error.msg} ({where})") from error
    except RecursionError as error:
        raise BadProblem("$", "is nested too deeply") from error


def _object_of_pairs(pairs: list[tuple[str, Any]]) -> JsonObject:
    read = JsonObject()
    for key, value in pairs:
        if key in read and read.twice is None:
            read.twice = key
        read[key] = value
    return read


def _integer_of_text(text: str) -> int | NotAnInteger:
    return int(text) if len(text) <= _LONGEST_INTEGER else NotAnInteger(f"{text[:20]}...")
