"""Signing in and out, and passwords. Nothing here tells whether an account exists."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash, views
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from pressqueue.errors import Forbidden
from pressqueue.models import Officer
from pressqueue.moves import credentials
from pressqueue.moves.credentials import holder_of
from pressqueue.moves.leases import database_now
from publisher.desk import browsers, security, throttle
from publisher.desk.access import actor_of, officer_of

NO_MATCH = "The user name and password do not go together, or the account cannot be used."


def _slow_down(request: HttpRequest, username: str, made: throttle.Try) -> str:
    """A sentence where this try is not listened to yet, else an empty text."""
    if not made.wait:
        return ""
    security.delayed(request, username)
    seconds = math.ceil(made.wait.total_seconds())
    return f"There were too many failed tries. Wait {seconds} second{'s'[: seconds != 1]}, then try again."


def is_their_password(request: HttpRequest, form: forms.Form, field: str) -> bool:
    """Whether who is signed in gave their own password once more; what is wrong stands beside the field."""
    officer = officer_of(request)
    made = throttle.begin(request, officer.username, database_now())
    if words := _slow_down(request, officer.username, made):
        form.add_error(None, words)
    elif not officer.check_password(form.cleaned_data[field]):
        security.failed(request, officer.username, "password_refused")
        form.add_error(field, "This is not your present password.")
    else:
        throttle.succeeded(made)
    return not form.errors


class SignInForm(AuthenticationForm):
    """User name and password; a failed try is counted, and too many are no longer listened to."""

    def __init__(self, *args: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        self.fields["username"].label = "User name"
        self.fields["username"].error_messages["required"] = "Enter your user name."
        self.fields["password"].error_messages["required"] = "Enter your password."
        self.error_messages = {"invalid_login": NO_MATCH, "inactive": NO_MATCH}

    def clean(self) -> dict[str, Any]:
        username = str(self.cleaned_data.get("username") or "")
        if self.request is None or not (username and self.cleaned_data.get("password")):
            return super().clean()
        made = throttle.begin(self.request, username, database_now())
        if words := _slow_down(self.request, username, made):
            raise ValidationError(words, code="slow_down")
        try:
            cleaned = super().clean()
        except ValidationError:
            security.failed(self.request, username)
            raise
        throttle.succeeded(made)
        return cleaned


class SignIn(views.LoginView):
    """Sign-in; the session gets a new key. Where to go on is kept only within the desk."""

    template_name = "desk/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        officer = officer_of(self.request)
        security.signed_in(self.request, officer)
        browsers.remember(self.request, response, officer.username)
        return response

    def form_invalid(self, form: AuthenticationForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=400)


class SignOut(views.LogoutView):
    """The session ends, and the log says so."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if isinstance(request.user, Officer):
            security.signed_out(request.user)
        return super().post(request, *args, **kwargs)


class PasswordForm(forms.Form):
    """A new password, twice."""

    password = forms.CharField(
        label="New password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=" ".join(password_validators_help_texts()),
        error_messages={"required": "Enter a new password."},
    )
    again = forms.CharField(
        label="The same password again",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter the same password again."},
    )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("password") and cleaned.get("again") and cleaned["password"] != cleaned["again"]:
            self.add_error("again", "The two passwords are not the same.")
        return cleaned

    def judge(self, officer: Officer) -> None:
        """Ask Django's password rules, and put what they say beside the field."""
        try:
            validate_password(self.cleaned_data["password"], officer)
        except ValidationError as error:
            self.add_error("password", error)


class CodeForm(PasswordForm):
    """A one-time code, and the password it sets."""

    username = forms.CharField(
        label="User name",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none"}),
        error_messages={"required": "Enter your user name."},
    )
    code = forms.CharField(
        label="One-time code",
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none"}),
        help_text="An administrator gave it to you. It works once.",
        error_messages={"required": "Enter the code."},
    )
    field_order = ("username", "code", "password", "again")


class ChangeForm(PasswordForm):
    """The present password, and a new one."""

    present = forms.CharField(
        label="Your present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "Enter your present password."},
    )
    end_tokens = forms.BooleanField(
        label="Also end my command-line tokens",
        required=False,
        initial=True,
        help_text="Whoever knew the old password may have made one. Untick it only if nobody else can have.",
    )
    field_order = ("present", "password", "again", "end_tokens")


@sensitive_post_parameters()
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest) -> HttpResponse:
    """A one-time code becomes a password. The code is spent only once the password is accepted."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _redeem(request, form)
        if not form.errors:
            messages.success(request, "Your password is set. Sign in with it.")
            return redirect(settings.LOGIN_URL)
    return render(request, "desk/set_password.html", {"form": form}, status=400 if form.errors else 200)


def _redeem(request: HttpRequest, form: CodeForm) -> None:
    username, now = form.cleaned_data["username"].strip(), database_now()
    made = throttle.begin(request, username, now)
    if words := _slow_down(request, username, made):
        form.add_error(None, words)
        return
    officer = holder_of(username, form.cleaned_data["code"], now=now)
    if officer is not None:
        throttle.succeeded(made)
        form.judge(officer)  # only who holds the code learns what the rules say of the password
    if form.errors:
        return
    try:
        credentials.redeem_code(
            username, form.cleaned_data["code"], form.cleaned_data["password"], door="desk", now=now
        )
    except Forbidden as refused:
        security.failed(request, username, "code_failed")
        form.add_error(None, str(refused))


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password for oneself; this session goes on under a new key, every other one ends."""
    officer, form = officer_of(request), ChangeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if is_their_password(request, form, "present"):
            form.judge(officer)
        if not form.errors:
            changed = credentials.change_password(
                actor_of(request), form.cleaned_data["password"], end_tokens=form.cleaned_data["end_tokens"],
                now=database_now(),
            )  # fmt: skip
            update_session_auth_hash(request, changed)
            messages.success(request, "Your password is changed. You are signed out everywhere else.")
            return redirect("waiting")
    return render(request, "desk/change_password.html", {"form": form}, status=400 if form.errors else 200)
