"""The law of differences: after posting the book is what lies on the shelf, whatever moved meanwhile.

A difference is counted − book at the moment of the count; movements told late, dated back or overlapping make a
count stale, and it is made again. Random histories here, on either engine; threads in test_crowd.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from stock import verify
from tests.workflows.counting.shelf import Truth
from tests.workflows.counting.world import D, Shelves
from workflows.counting import staleness
from workflows.models import CountEntry, CountLine

BINS = 3
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, BINS - 1), st.integers(-3, 3)),
        st.tuples(st.just("late"), st.integers(0, BINS - 1), st.integers(1, 3)),
        st.tuples(st.just("tell"), st.just(0), st.just(0)),
        st.tuples(st.just("count"), st.integers(0, BINS - 1), st.integers(0, 2)),
    ),
    max_size=14,
)


class DifferenceLaw(TestCase):
    """Any history of moves (told at once or late) and counts ends with the book equal to the shelf."""

    @settings(max_examples=25)
    @given(
        wrong=st.lists(st.integers(-5, 5), min_size=BINS, max_size=BINS),
        steps=STEPS,
        patient=st.booleans(),
    )
    def test_the_book_ends_as_the_shelf(
        self, wrong: list[int], steps: list[tuple[str, int, int]], patient: bool
    ) -> None:
        world = Shelves()
        truth = Truth(world, wrong)
        limits = {"tolerance_quantity": "50"} if patient else {}
        document = world.sealed(zones=truth.places, limits=limits)
        people = [world.cat, world.eve, world.gus]
        for step, number, value in steps:
            if step == "count":
                truth.count(document, number, people[0] if value < 2 else people[1])
            elif step == "tell":
                truth.tell_all()
            elif value:
                at = truth.take(number, value)
                if step == "late":
                    truth.untold.append((number, D(value), at))
                else:
                    truth.tell(number, D(value), at)
        truth.tell_all()
        truth.settle(document, people)
        assert truth.differences() == {}
        for entry in CountEntry.objects.filter(document=document):
            others = CountEntry.objects.filter(line=entry.line, counter=entry.counter)
            assert not others.exclude(round=entry.round).exists()
        assert verify.verify().ok


@pytest.mark.django_db
def test_without_the_look_for_stale_lines_the_law_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above would see it: a movement told late is then taken for one that came after the count."""
    monkeypatch.setattr(staleness, "find", lambda document, without=0: [])
    world = Shelves()
    truth = Truth(world, [0])
    document = world.sealed(zones=truth.places, limits={"tolerance_quantity": "50"})
    at = truth.take(0, 2)
    truth.count(document, 0, world.cat)
    truth.tell(0, D(2), at)
    truth.settle(document, [world.cat, world.eve, world.gus])
    assert truth.differences() == {"B-1": (102, 104)}
    assert CountLine.objects.get(document=document).difference == 2
