"""Channels: how what people are told leaves the application. ``wording`` says it, ``spreading`` finds who hears of it
by which channel, ``sending`` carries it, one module a kind knows its format."""

from alerts.channels import dingtalk, feishu, mail, webhook, wecom
from alerts.channels.base import Carrier
from alerts.models import Channel

_Kind = Channel.Kind
CARRIERS: dict[str, Carrier] = {
    _Kind.MAIL: mail,
    _Kind.WECOM: wecom,
    _Kind.DINGTALK: dingtalk,
    _Kind.FEISHU: feishu,
    _Kind.WEBHOOK: webhook,
}
