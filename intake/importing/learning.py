"""Remembers for each sender what was accepted: the columns of a shape of header, and what its words mean."""

from django.utils import timezone

from intake.importing.found import Prepared
from intake.importing.mends import Mends
from intake.models import Alias, Import, RememberedMapping


def remember(job: Import, out: Prepared) -> None:
    """Keep mapping and aliases of an import that was submitted."""
    now = timezone.now()
    for table in out.understanding.tables:
        columns = {c.field: c.header for c in table.columns if c.field and c.header}
        if table.fingerprint and columns:
            RememberedMapping.objects.update_or_create(
                company=job.company,
                sender=job.sender,
                fingerprint=table.fingerprint[:64],
                defaults={"columns": columns, "purpose": table.purpose, "used_at": now},
            )
    for kind, texts in Mends.read(job.mends).values.items():
        for text, code in texts.items():
            if text and code:
                Alias.objects.update_or_create(
                    company=job.company,
                    sender=job.sender,
                    kind=kind,
                    text=text[:200],
                    defaults={"code": code[:80], "used_at": now},
                )
