"""Words that people type: cleaned of what cannot be seen, bounded, and otherwise left alone."""

from __future__ import annotations

import unicodedata
from typing import Any

from govuk_frontend_wtf.wtforms_widgets import (
    GovCharacterCount,
    GovPasswordInput,
    GovTextArea,
    GovTextInput,
)
from wtforms import ValidationError
from wtforms import fields as wtf
from wtforms.validators import Email

from commissioning.web.fields.base import PlacedField, Tidy

_DIRECTIONS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


class _TextWidget(Tidy, GovTextInput):
    pass


class _PasswordWidget(Tidy, GovPasswordInput):
    pass


class _AreaWidget(Tidy, GovTextArea):
    pass


class _CountWidget(Tidy, GovCharacterCount):
    pass


def one_line(text: str) -> str:
    """A line as it was meant: composed letters, single spaces in place of breaks, trimmed.

    Raises ValueError for characters that cannot be seen or that turn the direction of writing: a
    name with these in it could pass for another.
    """
    composed = unicodedata.normalize("NFC", text).replace("\t", " ").strip()
    for letter in composed:
        if letter in _DIRECTIONS or unicodedata.category(letter) in {"Cc", "Cs", "Zl", "Zp"}:
            raise ValueError("Remove the hidden characters: type it again instead of pasting it.")
    return composed


def paragraphs_of(text: str) -> str:
    """Text of several lines as it was meant: one kind of line break, composed letters, trimmed.

    Raises ValueError for control characters other than breaks and tabs.
    """
    broken = text.replace("\r\n", "\n").replace("\r", "\n")
    composed = unicodedata.normalize("NFC", broken).strip()
    for letter in composed:
        if letter not in "\n\t" and unicodedata.category(letter) in {"Cc", "Cs"}:
            raise ValueError("Remove the hidden characters: type it again instead of pasting it.")
    return composed


def word_count(text: str) -> int:
    """How many words a text has: runs of anything but white space, as the page counts them too."""
    return len(text.split())


class _Text(PlacedField, wtf.StringField):
    """A text that is cleaned by `clean` and not longer than `max_length` characters."""

    clean = staticmethod(one_line)

    def __init__(self, label: str, *, max_length: int = 200, **rest: Any) -> None:
        self.max_length = max_length
        super().__init__(label, **rest)

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Clean what was typed; keep it as it was for the form when it is refused."""
        if not valuelist:
            self.data = ""
            return
        typed = str(valuelist[0])
        self.data = typed
        self.data = self.clean(typed)

    def pre_validate(self, form: Any) -> None:
        """Refuse a text that is too long, by its own count."""
        length = len(self.data or "")
        if length > self.max_length:
            raise ValidationError(
                f"{self.called} must be {self.max_length:,} characters or fewer; it has {length:,}."
            )


class TextField(_Text):
    """One line of text."""

    widget = _TextWidget()

    def __init__(
        self, label: str, *, width: int | None = None, autocomplete: str = "", **rest: Any
    ) -> None:
        params: dict[str, Any] = rest.pop("gov_params", None) or {}
        if width:
            params["classes"] = f"govuk-input--width-{width}"
        if autocomplete:
            params["autocomplete"] = autocomplete
        super().__init__(label, gov_params=params, **rest)


class EmailField(TextField):
    """One e-mail address."""

    def __init__(self, label: str = "Email address", **rest: Any) -> None:
        checks = list(rest.pop("validators", ()))
        sentence = "Enter an email address in the correct format, like name@example.org."
        checks.append(Email(sentence))
        rest.setdefault("autocomplete", "email")
        rest.setdefault("max_length", 254)
        rest["gov_params"] = {"type": "email", "spellcheck": False}
        super().__init__(label, validators=checks, **rest)


class PasswordField(PlacedField, wtf.PasswordField):
    """A password, taken exactly as typed and never written back into the page."""

    widget = _PasswordWidget()

    def __init__(
        self,
        label: str = "Password",
        *,
        autocomplete: str = "current-password",
        max_length: int = 1000,
        **rest: Any,
    ) -> None:
        self.max_length = max_length
        super().__init__(label, gov_params={"autocomplete": autocomplete}, **rest)

    def pre_validate(self, form: Any) -> None:
        """Refuse what nobody types: hashing a book would keep the server busy."""
        if len(self.data or "") > self.max_length:
            raise ValidationError(f"{self.called} is too long.")


class HiddenField(_Text, wtf.HiddenField):
    """A value that the page carries back; it is checked like any other."""

    def shown(self, size: str = "s", *, heading: bool = False) -> Any:
        """A hidden value has no label."""
        return self()


class ParagraphField(_Text):
    """Text of several lines."""

    widget = _AreaWidget()
    clean = staticmethod(paragraphs_of)

    def __init__(self, label: str, *, rows: int = 5, max_length: int = 10_000, **rest: Any) -> None:
        super().__init__(label, max_length=max_length, gov_params={"rows": rows}, **rest)


class WordsField(_Text):
    """Text of several lines with a limit in words, counted while one types where scripts run."""

    widget = _CountWidget()
    clean = staticmethod(paragraphs_of)

    def __init__(self, label: str, *, max_words: int = 500, rows: int = 8, **rest: Any) -> None:
        self.max_words = max_words
        params = {"maxwords": max_words, "rows": rows}
        super().__init__(label, max_length=max_words * 50, gov_params=params, **rest)

    def pre_validate(self, form: Any) -> None:
        """Refuse a text over the limit, by how much."""
        words = word_count(self.data or "")
        if words > self.max_words:
            raise ValidationError(
                f"{self.called} must be {self.max_words:,} words or fewer; "
                f"it has {words:,}, {words - self.max_words:,} too many."
            )
        super().pre_validate(form)
