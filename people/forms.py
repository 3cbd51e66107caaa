"""Every form of people: what may be typed and what each field is called."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.contrib.auth.forms import (
    AuthenticationForm,
    PasswordChangeForm,
    PasswordResetForm,
    SetPasswordForm,
)
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import outbox
from people import homes, mails
from people.access import Access
from people.accounts import Grant
from people.models import Company, Department, Role, Scope, User
from people.rights import RIGHTS
from people.tokens import SCOPES


class Styled(forms.Form):
    """Gives every input the class of its kind."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.Select):
                widget.attrs.setdefault("class", "sel")
            elif not isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
                widget.attrs.setdefault("class", "inp")


class SignIn(Styled, AuthenticationForm):
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        if self.initial.get("username"):
            self.fields["username"].widget.attrs.pop("autofocus", None)
            self.fields["password"].widget.attrs["autofocus"] = True

    error_messages = {
        "invalid_login": _("User name or password is not right. Capitals count."),
        "inactive": _("User name or password is not right. Capitals count."),
    }


class Code(Styled):
    """A code of the second step."""

    code = forms.CharField(
        label=pgettext_lazy("of the second step", "Code"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True}),
    )


class PasswordOnly(Styled):
    """The present password once more, before something weighty."""

    password = forms.CharField(
        label=_("Present password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_password(self) -> str:
        """Refuse a wrong password."""
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("This is not your present password."))
        return password


class NewToken(PasswordOnly):
    """What an API token is for, what it may do and for how long."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=80,
        help_text=_("For example: label printer, web shop."),
    )
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        initial=90,
        choices=[
            (7, _("7 days")),
            (30, _("30 days")),
            (90, _("90 days")),
            (180, _("180 days")),
            (365, _("1 year")),
        ],
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"),
        choices=[(scope.code, scope.label) for scope in SCOPES],
        initial=["read"],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than you may yourself."),
    )
    field_order = ["name", "days", "password", "scopes"]


class NewPassword(Styled, SetPasswordForm):
    """A first or forgotten password, typed twice."""


class ChangePassword(Styled, PasswordChangeForm):
    """The old password and the new one twice."""


class AskReset(Styled, PasswordResetForm):
    """The address to which the link goes; the answer is the same for unknown ones."""

    @transaction.atomic
    def save(self, *args: Any, **kwargs: Any) -> None:
        """Leave the mail to the outbox: the page takes the same time for everybody."""
        for user in self.get_users(self.cleaned_data["email"]):
            outbox.announce(mails.RESET, subject=user.pk)


def _zones() -> list[tuple[str, str]]:
    """Every time zone by name."""
    return [(zone, zone) for zone in sorted(zoneinfo.available_timezones()) if "/" in zone]


class Setup(Styled):
    """The first user, the company and its first warehouse."""

    code = forms.CharField(label=_("Set-up code"), max_length=40)
    name = forms.CharField(label=_("Your name"), max_length=80)
    username = User._meta.get_field("username").formfield(
        label=_("User name"),
        help_text="",
        widget=forms.TextInput(attrs={"autocomplete": "username"}),
    )
    email = forms.EmailField(label=_("E-mail"), required=False)
    password1 = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 10 characters."),
    )
    password2 = forms.CharField(
        label=_("Password once more"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    also_stock = forms.BooleanField(
        label=_("I also work with stock and books (warehouse head, finance)"),
        required=False,
        initial=True,
    )
    company_name = forms.CharField(label=_("Company"), max_length=120)
    company_code = forms.CharField(label=_("Short code"), max_length=20, initial="MAIN")
    currency = forms.RegexField(
        r"^[A-Za-z]{3}$", label=_("Currency"), initial="CNY", help_text=_("Three letters.")
    )
    currency_places = forms.TypedChoiceField(
        label=_("Decimals"), coerce=int, choices=[(n, str(n)) for n in range(5)], initial=2
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=_zones, initial="Asia/Shanghai")
    warehouse_name = forms.CharField(label=_("First warehouse"), max_length=80)
    warehouse_code = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,15}$", label=_("Warehouse code"), initial="WH1"
    )

    def __init__(
        self, *args: Any, ask_code: bool, loaded: Company | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.loaded = loaded
        if not ask_code:
            del self.fields["code"]
        if loaded:  # what is in its book was counted in its currency and its days
            for name in ("currency", "currency_places", "time_zone"):
                del self.fields[name]

    def clean_code(self) -> str:
        """Refuse a wrong set-up code."""
        from people import setup

        code: str = self.cleaned_data["code"]
        if not setup.code_is_right(code):
            raise forms.ValidationError(_("This is not the code from the server's log."))
        return code

    def clean_currency(self) -> str:
        """Currency codes are capitals."""
        return str(self.cleaned_data["currency"]).upper()

    def clean(self) -> dict[str, Any]:
        """Check the password against our rules and its repetition."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        first = data.get("password1")
        if first and first != data.get("password2"):
            self.add_error("password2", _("The two passwords are not the same."))
        elif first:
            person = User(username=data.get("username", ""), name=data.get("name", ""))
            try:
                password_validation.validate_password(first, person)
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data

    def company(self) -> Company:
        """The company that was typed, not yet saved; the loaded one under the name that was typed."""
        data = self.cleaned_data
        if self.loaded:
            self.loaded.code, self.loaded.name = data["company_code"], data["company_name"]
            return self.loaded
        return Company(
            code=data["company_code"],
            name=data["company_name"],
            currency=data["currency"],
            currency_places=data["currency_places"],
            time_zone=data["time_zone"],
        )


def _departments() -> Any:
    """The departments one may choose."""
    return Department.objects.filter(archived_at=None)


class EditUser(Styled, forms.ModelForm):
    """What is known of a user."""

    class Meta:
        model = User
        fields = ["name", "email", "department"]
        labels = {"email": _("E-mail")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.instance.department_id
        self.fields["department"].empty_label = "–"  # type: ignore[attr-defined]
        self.fields["department"].queryset = (  # type: ignore[attr-defined]
            _departments() | Department.objects.filter(pk=kept)
        )


class InviteUser(EditUser):
    """A new user."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("User name")
        self.fields["username"].help_text = _("Letters, digits and @ . + - _")

    class Meta(EditUser.Meta):
        fields = ["name", "username", "email", "department"]


class Profile(Styled, forms.ModelForm):
    """What a user says of himself, and how he wants his pages."""

    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        required=False,
        choices=lambda: [("", _("As the company")), *_zones()],
    )
    home = forms.ChoiceField(label=_("Home page"), required=False)
    single_keys = forms.BooleanField(
        label=_("Keys without Ctrl work (J, K, /, ?)"),
        required=False,
        help_text=_("Off for a scanner that types slowly, or for speech input."),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(home.code, home.label) for home in homes.homes_of(access)]
        self.fields["home"].choices = [("", _("That of my roles")), *offered]  # type: ignore[attr-defined]

    class Meta:
        model = User
        fields = ["name", "language", "time_zone", "home", "theme", "density", "single_keys"]


class EditRole(Styled):
    """The name and the rights of a role."""

    code = forms.SlugField(label=_("Code"), max_length=40)
    name = forms.CharField(label=_("Name"), max_length=80, required=False)
    rights = forms.MultipleChoiceField(
        label=_("Rights"), required=False, choices=lambda: [(r.code, r.label) for r in RIGHTS]
    )

    def __init__(self, *args: Any, role: Role, **kwargs: Any) -> None:
        self.role = role
        super().__init__(*args, **kwargs)
        if role.pk:
            del self.fields["code"]

    def clean_code(self) -> str:
        """Refuse a code that another role has."""
        code: str = self.cleaned_data["code"]
        if Role.objects.filter(code=code).exists():
            raise forms.ValidationError(_("Another role has this code."))
        return code


class EditDepartment(Styled, forms.ModelForm):
    """A department, where it belongs and who leads it."""

    class Meta:
        model = Department
        fields = ["company", "code", "name", "parent", "manager"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["parent"].queryset = _departments().exclude(pk=self.instance.pk)
        fields["manager"].queryset = User.objects.filter(is_active=True)
        companies = list(Company.objects.order_by("pk")[:2])
        if len(companies) == 1:
            del fields["company"]
            self.instance.company = companies[0]


class Grants(forms.Form):
    """Role by role: held or not, everywhere or in chosen warehouses."""

    def __init__(self, *args: Any, held: dict[int, Grant] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = list(Role.objects.all())
        places = [(str(scope.pk), scope.name) for scope in Scope.objects.all()]
        for role in self.roles:
            grant = (held or {}).get(role.pk)
            self.fields[f"role_{role.pk}"] = forms.BooleanField(
                required=False, label=str(role), initial=grant is not None
            )
            self.fields[f"where_{role.pk}"] = forms.MultipleChoiceField(
                required=False,
                label=str(role),
                choices=[("all", _("Everywhere")), *places],
                initial=_where(grant),
                widget=forms.CheckboxSelectMultiple,
            )

    def rows(self) -> list[tuple[Role, forms.BoundField, forms.BoundField]]:
        """(role, held?, where) for the page."""
        return [(role, self[f"role_{role.pk}"], self[f"where_{role.pk}"]) for role in self.roles]

    def clean(self) -> dict[str, Any]:
        """Refuse “everywhere” together with single warehouses: one of them would be a surprise."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for role in self.roles:
            where = data.get(f"where_{role.pk}") or []
            if not data.get(f"role_{role.pk}"):
                continue
            if not where:
                self.add_error(f"where_{role.pk}", _("Choose “Everywhere” or some warehouses."))
            elif "all" in where and len(where) > 1:
                self.add_error(
                    f"where_{role.pk}", _("Choose “Everywhere” or single warehouses, not both.")
                )
        return data

    def grants(self) -> list[Grant]:
        """What was chosen."""
        data = self.cleaned_data
        return [
            Grant(
                role_id=role.pk,
                everywhere="all" in data[f"where_{role.pk}"],
                scope_ids=frozenset(
                    int(value) for value in data[f"where_{role.pk}"] if value != "all"
                ),
            )
            for role in self.roles
            if data[f"role_{role.pk}"]
        ]


def _where(grant: Grant | None) -> list[str]:
    """The boxes to tick for a grant; none for a role that is not held."""
    if grant is None:
        return []
    if grant.everywhere:
        return ["all"]
    return [str(pk) for pk in sorted(grant.scope_ids)]
