"""Looking at the pages as another user: whoever manages users sees what that user sees, and can change nothing.

Laws: never more than the viewer may see himself (``READING`` rights are cut to his own), nothing but safe
requests, no personal pages (account, notices), never as a superuser; the person is told by a notice.
"""

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from people import accounts, notice_kinds, notices
from people.access import Access, access_for
from people.models import User

KEY = "view_as"
READING = ("stock.view", "cost.view", "audit.view")
"""Rights by which things are seen rather than done."""
PERSONAL = ("/profile/", "/notices/")
NOTICE = "people.viewed_as"

notice_kinds.register(
    notice_kinds.NoticeKind(NOTICE, _("%(by)s looked at the application as you."), icon="user")
)


def begin(request: HttpRequest, person: User, *, viewer: User) -> None:
    """Look as ``person`` until ``end``; refuses oneself, superusers, and viewers who do not see every warehouse."""
    access = access_for(viewer)
    access.require(accounts.MANAGE)
    if person.pk == viewer.pk or person.is_superuser or not person.is_active:
        raise DomainError(_("One can look only as another active user, and not as a superuser."))
    if not access.may("stock.view") or access.scopes("stock.view") is not None:
        raise DomainError(_("Only somebody who sees every warehouse can look as others."))
    request.session[KEY] = person.pk
    notices.notify([person], NOTICE, {"by": str(viewer)})


def end(request: HttpRequest) -> None:
    """Be oneself again."""
    request.session.pop(KEY, None)


def person_of(request: HttpRequest, viewer: User) -> User | None:
    """Whom the viewer looks as now, with an access that never shows more than his own; None for nobody."""
    pk = request.session.get(KEY)
    if pk is None:
        return None
    mine = access_for(viewer)
    person = User.objects.filter(pk=pk, is_active=True, is_superuser=False).first()
    if person is None or not mine.may(accounts.MANAGE):
        end(request)
        return None
    person.__dict__["_access"] = cut(access_for(person), mine)
    return person


def cut(theirs: Access, mine: Access) -> Access:
    """Their rights, with those by which things are seen limited to mine."""
    grants = dict(theirs.grants)
    for right in READING:
        if right not in grants:
            continue
        if right not in mine.grants:
            del grants[right]
            continue
        a, b = grants[right], mine.grants[right]
        grants[right] = b if a is None else a if b is None else a & b
    return Access(user_id=theirs.user_id, grants=grants)


def hidden(person: User, viewer: User) -> list[str]:
    """The rights of the person by which the viewer sees less than he."""
    theirs, mine = access_for(User.objects.get(pk=person.pk)), access_for(viewer)
    return [right for right in READING if right in theirs.grants and right not in mine.grants]
