"""Forms at the door: signing in, and passwords."""

from __future__ import annotations

from commissioning.web.fields import EmailField, Form, PasswordField

_HINT_FOR_A_NEW_ONE = (
    "At least 12 characters: three unrelated words, for example. Do not use your name, your email "
    "address or a password from elsewhere."
)


class SignInForm(Form):
    email = EmailField(required="Enter your email address.", width=30)
    password = PasswordField(required="Enter your password.")


class AddressForm(Form):
    email = EmailField(required="Enter your email address.", width=30)


class NewPasswordForm(Form):
    password = PasswordField(
        "Password",
        hint=_HINT_FOR_A_NEW_ONE,
        required="Choose a password.",
        autocomplete="new-password",
    )


class ChangePasswordForm(Form):
    current = PasswordField("Current password", required="Enter your current password.")
    password = PasswordField(
        "New password",
        hint=_HINT_FOR_A_NEW_ONE,
        required="Choose a new password.",
        autocomplete="new-password",
    )
