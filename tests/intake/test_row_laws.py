"""What the database alone keeps of imported rows."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from intake.models import Import, ImportedRow
from tests.intake.test_imports import given, write
from tests.workflows.world import World
from workflows.models import Document

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World("RL")


def refused(words: str, change: Any, *values: Any, **named: Any) -> None:
    with pytest.raises(DatabaseError, match=words), transaction.atomic():
        change(*values, **named)


def row(job: Import, company: int, key: str) -> ImportedRow:
    return ImportedRow(job=job, company_id=company, sheet="s", row=1, key=key)


def test_a_row_belongs_to_the_company_of_its_import(world: World) -> None:
    other = World("RM").company
    job = given(world, "货号,数量\nx,1\n", purpose="opening")
    good, bad = row(job, world.company.pk, "a"), row(job, other.pk, "b")
    words = "belongs to the company of its import"
    refused(words, ImportedRow.objects.bulk_create, [bad])
    refused(words, ImportedRow.objects.bulk_create, [good, bad])
    bad.company_id = 999_999
    refused(words, ImportedRow.objects.bulk_create, [good, bad])
    ImportedRow.objects.bulk_create([good])
    lost = row(job, world.company.pk, "c")
    lost.job_id = 999_999
    refused(words, ImportedRow.objects.bulk_create, [lost])


def test_the_document_of_a_row_is_there_and_kept(world: World) -> None:
    job = given(world, "货号,数量\nx,1\n", purpose="opening")
    draft = world.draft("other_in")
    good, bad = (row(job, world.company.pk, key) for key in "ab")
    good.document, bad.document_id = draft, draft.pk + 1_000
    refused("is there", ImportedRow.objects.bulk_create, [good, bad])
    ImportedRow.objects.bulk_create([good])
    refused("is kept", Document.objects.filter(pk=draft.pk)._raw_delete, "default")


def test_an_import_that_wrote_rows_is_kept(world: World) -> None:
    job, other = (given(world, "货号,数量\nx,1\n", purpose="opening") for _n in range(2))
    ImportedRow.objects.bulk_create([row(job, world.company.pk, "a")])
    erase = Import.objects.filter(pk__in=[job.pk, other.pk])
    refused("is kept|FOREIGN KEY", erase._raw_delete, "default")
    Import.objects.filter(pk=other.pk)._raw_delete("default")


def test_a_row_that_was_written_stays_as_it_is(world: World) -> None:
    item = world.item()
    text = f"日期,单号,业务类型,货号,数量,单价\n2026-03-01,RK1,其他入库,{item.code},3,2\n"
    job = write(given(world, text, purpose="movements"))
    rows = ImportedRow.objects.filter(job=job)
    assert rows.count() == 1
    refused("stays as it is", rows.update, key="other")
    refused("stays as it is", rows.update, company_id=World("RM").company.pk)
    refused("never erased", rows.delete)
