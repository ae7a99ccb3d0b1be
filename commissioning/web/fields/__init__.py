"""The fields that forms are made of: GOV.UK widgets, and values that are exact or refused.

Forms import everything from here and subclass `Form`.
"""

from __future__ import annotations

from commissioning.web.fields.base import Form, GivenOrBlank, PlacedError, Required
from commissioning.web.fields.choices import (
    CheckboxesField,
    CheckboxField,
    RadiosField,
    SelectField,
)
from commissioning.web.fields.dates import DateField, DateTimeField
from commissioning.web.fields.files import Upload, UploadField
from commissioning.web.fields.numbers import (
    DecimalField,
    MoneyField,
    PercentField,
    WholeNumberField,
    YearField,
)
from commissioning.web.fields.text import (
    EmailField,
    HiddenField,
    ParagraphField,
    PasswordField,
    TextField,
    WordsField,
)

__all__ = [
    "CheckboxField",
    "CheckboxesField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "EmailField",
    "Form",
    "GivenOrBlank",
    "HiddenField",
    "MoneyField",
    "ParagraphField",
    "PasswordField",
    "PercentField",
    "PlacedError",
    "RadiosField",
    "Required",
    "SelectField",
    "TextField",
    "Upload",
    "UploadField",
    "WholeNumberField",
    "WordsField",
    "YearField",
]
