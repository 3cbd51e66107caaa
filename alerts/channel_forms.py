"""The forms of channels: what may be typed and what each field is called."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from alerts.models import Channel
from alerts.models.rules import Severity
from people.forms import Styled
from people.models import Role

_Kind = Channel.Kind
_HINTS = {
    _Kind.WECOM: _("In WeCom: group, “…”, add a robot; copy its address here."),
    _Kind.DINGTALK: _(
        "In DingTalk: group settings, robots, custom robot with a signature; copy its address here."
    ),
    _Kind.FEISHU: _(
        "In Feishu: group settings, robots, custom robot with a signature; copy its address here."
    ),
    _Kind.WEBHOOK: _("Messages are sent here, signed by the Standard Webhooks specification."),
    _Kind.MAIL: _("Empty: the address of your account."),
}
_SIGNED = {_Kind.DINGTALK, _Kind.FEISHU}


class ChannelForm(Styled):
    """One channel of one kind. A kept address or secret is not shown again; an empty field leaves it."""

    name = forms.CharField(label=_("Name"), max_length=80)
    address = forms.CharField(label=_("Address"), max_length=500, required=False)
    secret = forms.CharField(
        label=_("Secret of the robot's signature"), max_length=120, required=False
    )
    role = forms.ModelChoiceField(
        label=_("Cases of"), queryset=Role.objects.all(), required=False, empty_label=_("everybody")
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=[("", _("both")), *settings.LANGUAGES], required=False
    )
    tasks = forms.BooleanField(label=_("What waits for me"), required=False)
    late = forms.BooleanField(label=_("What is late"), required=False)
    cases = forms.BooleanField(label=_("Cases"), required=False)
    digest = forms.BooleanField(label=_("The weekly digest"), required=False)
    rest = forms.BooleanField(label=_("Everything else"), required=False)
    severity = forms.ChoiceField(label=_("Cases from"), choices=Severity.choices)
    daily_at = forms.TimeField(
        label=_("Once a day at"),
        required=False,
        help_text=_("Empty: at once."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_from = forms.TimeField(
        label=pgettext_lazy("hours", "Quiet from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=pgettext_lazy("hours", "Quiet until"),
        required=False,
        help_text=_("What comes meanwhile comes at the end of the quiet hours."),
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    GROUPS = ("tasks", "late", "cases", "digest", "rest")
    _PERSON = ("tasks", "digest", "rest")
    _ROOM = ("role", "language")

    def __init__(
        self, kind: str, *args: Any, room: bool, kept: bool = False, **kwargs: Any
    ) -> None:
        """``room``: of nobody in particular; ``kept``: it has an address already."""
        super().__init__(*args, **kwargs)
        for name in self._PERSON if room else self._ROOM:
            del self.fields[name]
        if kind not in _SIGNED:
            del self.fields["secret"]
        address = self.fields["address"]
        address.help_text = _("Kept. Type only to replace it.") if kept else _HINTS[_Kind(kind)]
        address.required = not kept and (kind != _Kind.MAIL or room)
        if kept and "secret" in self.fields:
            self.fields["secret"].help_text = _("Kept. Type only to replace it.")
        if kind == _Kind.MAIL:
            address.widget.input_type = "email"
            self.fields["address"] = forms.EmailField(
                label=_("Address"),
                required=address.required,
                help_text=address.help_text,
                widget=forms.EmailInput(attrs={"class": "inp"}),
            )
            self.order_fields(["name", "address"])

    def clean(self) -> dict[str, Any]:
        """Quiet hours have both ends, and something is wanted."""
        values = super().clean() or self.cleaned_data
        if (values.get("quiet_from") is None) != (values.get("quiet_until") is None):
            self.add_error("quiet_until", _("Enter both ends of the quiet hours, or none."))
        if not any(values.get(name) for name in self.GROUPS):
            raise forms.ValidationError(_("Tick at least one thing to hear of."))
        return values
