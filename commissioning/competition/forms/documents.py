"""Documents of a competition."""

from __future__ import annotations

from commissioning.web.fields import Form, RadiosField, TextField, UploadField

KINDS = ("pdf", "docx", "odt", "xlsx", "ods", "csv", "txt", "zip")


class DocumentVersionForm(Form):
    file = UploadField("File", required="Choose a file.", extensions=KINDS)


class DocumentForm(Form):
    title = TextField("Title", required="Enter the title of the document.")
    part = RadiosField(
        "When does it go out?",
        choices=[("pqq", "With the PQQ"), ("itn", "With the ITN")],
        required="Choose whether it goes out with the PQQ or with the ITN.",
    )
    file = UploadField("File", required="Choose a file.", extensions=KINDS)
