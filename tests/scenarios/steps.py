"""What the steps of a scenario do: every ``op`` of the facts is one method."""

from collections import defaultdict
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from core.errors import DomainError
from people import access
from stock import catalog, cost_methods, ledger, periods, reservations
from stock.models import Balance, CostLayer, Movement, Partner, Reservation
from stock.models.lots import NO_LOT
from tests.scenarios.production import Shop
from tests.scenarios.world import DEFAULT, Done, Step, World

KIT = {"A": 5, "B": 2}


class Replay(World):
    """A world that can do every step."""

    # -- steps: receipts and issues --------------------------------------------------------------

    def prepare(self, step: Step) -> None:
        """Make the items of a step, so that what is refused takes nothing with it."""
        for code in {step.get("item", DEFAULT), step.get("to_item", DEFAULT)}:
            self.item(code)

    def do(self, step: Step) -> Done:
        """Do a step; raises what the ledger raises."""
        self.number += 1
        done = getattr(self, step["op"])(step)
        self.steps[step["n"]] = done
        return done

    def set_cost(self, step: Step) -> Done:
        """A cost is known without stock after goods of that cost have come and gone."""
        once = {"qty": 1, "unit_cost": step["unit_cost"]}
        done = self.post(step, self.into("purchase_in", "supplier", once), key="set-in")
        self.post(step, self.out("purchase_return", "supplier", {"qty": 1}), key="set-out")
        return done

    def receive(self, step: Step) -> Done:
        """Received goods; what is retained of them is held at once."""
        done = self.post(step, self.into("purchase_in", "supplier", step))
        if "retain" in step:
            kept = {**step, "qty": step["retain"]}
            kept.pop("unit_cost", None)
            ends = self.place().pk, self.place("Retention").pk
            self.post(step, self.line("hold", kept, *ends), key="retain")
        return done

    def receive_batch(self, step: Step) -> Done:
        return self.post(
            step, *(self.into("purchase_in", "supplier", line) for line in step["lines"])
        )

    def receive_correction(self, step: Step) -> Done:
        return self.receive(step)

    def receive_consigned(self, step: Step) -> Done:
        owner = Partner.objects.create(code="OWNER", name="Owner", is_supplier=True)
        return self.post(step, self.into("purchase_in", "supplier", step, owner=owner.pk))

    def production_receipt(self, step: Step) -> Done:
        return self.post(step, self.into("production_receipt", "production", step))

    def opening(self, step: Step) -> Done:
        if "serial" in step:
            item = self.item(DEFAULT, tracking="serial")
            lot = catalog.find_or_create_lot(item, step["serial"]).pk
            return self.post(step, self.into("opening", "opening", step, lot=lot))
        step = {**step, "qty": self._amount(step["qty"])}
        return self.post(step, self.into("opening", "opening", step))

    def opening_rows(self, step: Step) -> Done:
        lines = [
            self.into("opening", "opening", {"qty": row["qty"], "at": f"ROW{number}"})
            for number, row in enumerate(step["rows"])
        ]
        done = self.post(step, *lines)
        for row in step["rows"]:
            self.reserve({"qty": row["reserved"]})
        return done

    def issue(self, step: Step, **options: Any) -> Done:
        return self.post(step, self.out("sales_out", "customer", step), **options)

    def issue_batch(self, step: Step) -> Done:
        return self.post(step, *(self.out("sales_out", "customer", line) for line in step["lines"]))

    issue_document = issue_batch

    def issue_to_customer(self, step: Step) -> Done:
        return self.issue({**step, "qty": self._amount(step["qty"])})

    def issue_correction(self, step: Step) -> Done:
        """Less was delivered: the rest comes back; more was delivered: it is issued too."""
        if step["qty"] < 0:
            return self.return_in({**step, "qty": -step["qty"]})
        return self.issue(step)

    def issue_kit(self, step: Step) -> Done:
        lines = [
            self.out("sales_out", "customer", {"item": code, "qty": each * step["qty"]})
            for code, each in KIT.items()
        ]
        return self.post(step, *lines)

    def return_kit(self, step: Step) -> Done:
        lines = [
            self.into(
                "sales_return",
                "customer",
                {"item": code, "qty": each * step["qty"]},
                original=movement.pk,
            )
            for (code, each), movement in zip(
                KIT.items(), self.steps[step["ref"]].movements, strict=True
            )
        ]
        return self.post(step, *lines)

    def return_in(self, step: Step) -> Done:
        step = {**step, "qty": self._amount(step["qty"])}
        return self.post(
            step, self.into("sales_return", "customer", step, original=self.original(step))
        )

    def return_out(self, step: Step) -> Done:
        original = self.original(step) if "ref" in step else None
        return self.post(step, self.out("purchase_return", "supplier", step, original=original))

    def return_of_return(self, step: Step) -> Done:
        return self._reverse(step, self.moment(step))

    def cancel(self, step: Step) -> Done:
        """Reversed at the moment when it had happened, as if it had never been."""
        return self._reverse(step, self.steps[step["ref"]].movements[0].effective_at)

    def _reverse(self, step: Step, moment: datetime) -> Done:
        return Done(
            ledger.reverse(
                self.steps[step["ref"]].postings[0].posting_id,
                key=f"reverse-{self.number}",
                actor=None,
                access=access.SYSTEM,
                why="reversed",
                effective_at=moment,
            )
        )

    def delete(self, step: Step) -> Done:
        """Nothing posted can be deleted, not even by SQL."""
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM stock_movement WHERE id = %s", [self.original(step)])
        return Done()

    def produce_order(self, step: Step) -> Done:
        """A production order: materials received, issued, some returned, extra cost, finished goods received."""
        parts = step.get("components")
        needs = {f"C{n}": (row["qty"], row["unit_cost"]) for n, row in enumerate(parts or ())}
        for code, each in step.get("bom", {}).items():
            needs[code] = (each * step["qty"], step["input_cost"])
        for code, (quantity, cost) in needs.items():
            self.receive({"n": step["n"], "qty": quantity, "unit_cost": cost, "item": code})
            self.number += 1
        self.item("FG")
        shop = Shop(self.company, self.warehouse)
        order = shop.order("FG", step["qty"], {code: part for code, (part, _c) in needs.items()})
        issue = shop.make(order, "production_issue")
        back = step.get("returned")
        if back:
            shop.make(issue, "production_return", back)
        if "extra_cost" in step:
            shop.add_cost(issue, Decimal(step["extra_cost"]))
        receipt = shop.make(order, "production_receipt")
        value = receipt.posted_amount or Decimal(0)
        costs = [self.unit_cost(code) for code in back or ()] + [value / step["qty"]]
        return Done(put_in=issue.posted_amount, output_value=value, output_unit_costs=costs)

    # -- steps: places, lots, conversions --------------------------------------------------------

    def transfer(self, step: Step) -> Done:
        source, target = self.place(step.get("at", "")), self.place(step.get("to", "OTHER"))
        kind = "bin_move" if source.warehouse_id == target.warehouse_id else "transfer"
        return self.post(step, self.line(kind, step, source.pk, target.pk))

    move_direct = transfer

    def transfer_out(self, step: Step) -> Done:
        shipment = step.get("doc", "T1")
        ends = self.place(step["at"]).pk, self.place("TRANSIT").pk
        return self.post(step, self.line("transfer_out", step, *ends, cost_object=shipment))

    def transfer_in(self, step: Step) -> Done:
        ends = self.place("TRANSIT").pk, self.place(step["to"]).pk
        return self.post(step, self.line("transfer_in", step, *ends, cost_object=step["doc"]))

    def receive_to_input(self, step: Step) -> Done:
        return self.receive({**step, "at": "INPUT"})

    def putaway(self, step: Step, item: str = DEFAULT) -> Done:
        return self.transfer({**step, "item": item, "at": "INPUT", "to": "STORE"})

    def putaway_other_item(self, step: Step) -> Done:
        return self.putaway(step, item="OTHER")

    def convert(self, step: Step) -> Done:
        """So many of one item become so many times more of another."""
        more = {"qty": step["qty"] * step["factor"], "item": step["to_item"]}
        return self._convert(step, step, [{**more, "lot": step.get("to_lot")}])

    def disassemble(self, step: Step) -> Done:
        outputs = step.get("outputs") or [{"item": "ANY", "qty": 1}]
        done = self._convert(step, {**step, "item": "ASM"}, outputs)
        for output in outputs:
            if output.get("status") == "damaged":
                quarantine = catalog.default_place(self.warehouse, "quarantine").pk
                self.number += 1
                self.post(step, self.line("hold", output, self.place(output["at"]).pk, quarantine))
        return done

    def produce(self, step: Step) -> Done:
        """Inputs at their cost become good and worthless outputs."""
        if "inputs" not in step:
            return self.produce_order(step)
        lines = []
        for code, quantity in step["inputs"].items():
            received = {"item": code, "qty": quantity, "unit_cost": step["input_cost"]}
            self.post(step, self.into("purchase_in", "supplier", received), key=f"in-{code}")
            lines.append(
                self.out("assembly", "conversion", {"item": code, "qty": quantity}, cost_object="P")
            )
        for code, quantity in step["outputs"].items():
            worth = Decimal(0 if code.startswith("waste") else 1)
            output = {"item": code, "qty": quantity, "unit_cost": worth}
            lines.append(self.into("assembly", "conversion", output, cost_object="P"))
        return self.post(step, *lines)

    def serialize(self, step: Step, *, again: bool = False) -> Done:
        """Untold pieces become pieces with a serial number: a conversion to a tracked item."""
        tracked = self.item("SERIAL", tracking="serial")
        first = 1 if again else len(Balance.objects.filter(item=tracked)) + 1
        pieces = [
            {"item": "SERIAL", "qty": 1, "lot": f"S{number}"}
            for number in range(first, first + step["qty"])
        ]
        return self._convert(step, step, pieces)

    def serialize_duplicate(self, step: Step) -> Done:
        return self.serialize({**step, "qty": 1}, again=True)

    def _convert(self, step: Step, taken: Step, made: list[Step]) -> Done:
        number = f"C{self.number}"
        lines = [self.out("disassembly", "conversion", taken, cost_object=number)]
        lines += [self.into("disassembly", "conversion", one, cost_object=number) for one in made]
        return self.post(step, *lines)

    def scrap(self, step: Step) -> Done:
        return self.post(step, self.out("scrap", "scrap", step, reason="damaged"))

    # -- steps: value ----------------------------------------------------------------------------

    def revalue(self, step: Step) -> Done:
        """To a factor of the value, or to a unit cost, at the place where the goods lie."""
        before = self.value()
        if "factor" in step:
            after = before * Decimal(step["factor"])
        else:
            after = self.on_hand() * Decimal(step["to"])
        ends = [self.virtual("revaluation"), self.place().pk]
        if after < before:
            ends.reverse()
        line = self.line(
            "revaluation", {**step, "qty": 0}, *ends, quantity=Decimal(0), value=abs(after - before)
        )
        return self.post(step, line)

    def landed_cost(self, step: Step) -> Done:
        """Share the amount between what is still here of the receipt and what has gone."""
        receipts = self.steps[step.get("ref", 1)].movements
        wanted = [self.item(code).pk for code in step.get("items", [DEFAULT])]
        (receipt,) = [row for row in receipts if row.item_id in wanted]
        amount = Decimal(step["amount"])
        layer = CostLayer.objects.filter(movement=receipt).first()
        left = layer.quantity if layer else receipt.quantity
        here = (amount * left / receipt.quantity).quantize(Decimal("0.01"))
        ends = ((receipt.target_id, here), (self.virtual("customer"), amount - here))
        lines = [
            ledger.LineInput(
                type="landed_cost",
                item=receipt.item_id,
                source=self.virtual("supplier"),
                target=target,
                quantity=Decimal(0),
                lot=receipt.lot_id,
                value=value,
                original=receipt.pk,
            )
            for target, value in ends
            if value
        ]
        return self.post(step, *lines)

    def set_method(self, step: Step) -> Done:
        cost_methods.change_method(self.category, step["to"], actor=None, access=access.SYSTEM)
        return Done()

    # -- steps: counts ---------------------------------------------------------------------------

    def count_set(self, step: Step) -> Done:
        """A count posts the difference to what was there at its moment, nothing else."""
        moment = self.moment(step)
        item, lot = step.get("item", DEFAULT), step.get("lot", "" if self.has_lots else None)
        change = Decimal(str(step["qty"])) - self.on_hand_at(moment, item, lot)
        facts = {"quantity": abs(change), "reason": "found"}
        if change > 0:
            return self.post(step, self.into("stocktake_gain", "adjustment", step, **facts))
        if change < 0:
            return self.post(step, self.out("stocktake_loss", "adjustment", step, **facts))
        return Done()

    import_count = count_set

    def count_item_all_lots(self, step: Step) -> Done:
        """A count of the item: lots that are not listed are not there."""
        item = self.item(step["item"])
        for lot in item.lots.exclude(number=step["lot"]):
            self.number += 1
            self.count_set({**step, "qty": 0, "lot": lot.number})
        self.number += 1
        return self.count_set(step)

    def count_open(self, _step: Step) -> Done:
        self.counted = {}
        return self._expect(self.items)

    def count_enter(self, step: Step) -> Done:
        self.counted[step["item"]] = Decimal(str(step["qty"]))
        return Done()

    def count_refresh(self, _step: Step) -> Done:
        return self._expect(self.items)

    def count_zero(self, step: Step) -> Done:
        done = self._expect(step["items"])
        self.counted = dict.fromkeys(step["items"], Decimal(0))
        self.count_confirm(step)
        return done

    def count_confirm(self, step: Step) -> Done:
        """Post the differences of what was counted; what was not counted stays."""
        for code, counted in step.get("counted", {}).items():
            self.counted[code] = Decimal(counted)
        changes: dict[str, Decimal | None] = defaultdict(lambda: None)
        for code, counted in self.counted.items():
            self.number += 1
            change = counted - self.on_hand(code)
            changes[code] = change or None
            self.count_set({**step, "item": code, "qty": counted})
        return Done(adjustments=changes)

    def _expect(self, codes: Any) -> Done:
        self.expected = {code: self.on_hand(code) for code in codes}
        return Done(expected=dict(self.expected), counted=dict(self.counted))

    # -- steps: promises and periods -------------------------------------------------------------

    def reserve(self, step: Step) -> Done:
        item = self.item()
        lot = item.lots.first() if item.tracking == "serial" else None
        wish = reservations.ReservationInput(
            item=item.pk,
            warehouse=self.warehouse.pk,
            quantity=Decimal(step["qty"]),
            lot=lot.pk if lot else NO_LOT,
        )
        reservations.reserve(
            [wish], reference=step.get("doc", "R"), actor=None, access=access.SYSTEM
        )
        return Done()

    def reserve_more(self, step: Step) -> Done:
        """As much as is free."""
        return self.reserve({**step, "qty": self.on_hand() - self.reserved()})

    def unreserve(self, step: Step) -> Done:
        """Give back so much: promises are given back whole."""
        rows = Reservation.objects.filter(reference="R", remaining=Decimal(step["qty"]))
        ids = list(rows.values_list("pk", flat=True))[:1]
        reservations.release(reference="R", access=access.SYSTEM, ids=ids)
        return Done()

    def unreserve_all(self, step: Step) -> Done:
        reservations.release(reference=step["doc"], access=access.SYSTEM)
        return Done()

    def parallel(self, step: Step) -> Done:
        """The same requests, one after the other; tests of concurrency do it at once."""
        results = []
        for request in step["requests"]:
            try:
                self._complete(request) if request["op"] == "complete" else self.reserve(request)
                results.append("ok")
            except DomainError:
                results.append("rejected")
        consumed = -sum(
            (row.quantity for row in Movement.objects.filter(type="sales_out")), Decimal(0)
        )
        return Done(results=results, consumed=-consumed)

    def _complete(self, request: Step) -> None:
        """A task that delivers what was promised; it comes with the same key each time."""
        promise = Reservation.objects.get(reference=request["doc"])
        line = self.out("sales_out", "customer", {"qty": promise.quantity}, reservation=promise.pk)
        self.post(
            request,
            line,
            key=f"complete:{request['doc']}",
            effective_at=self.started + timedelta(minutes=5),
        )

    def open_edit_form(self, step: Step) -> Done:
        return Done(shows=self.on_hand())

    def close_period(self, _step: Step) -> Done:
        """Periods are months: the last one is closed, and ``d-2`` falls into it."""
        last = self.started.date().replace(day=1) - timedelta(days=1)
        periods.close(self.company, last, actor=None, access=access.SYSTEM)
        zone = ZoneInfo(self.company.time_zone)
        self.started = datetime.combine(last + timedelta(days=1), time(12), zone)
        return Done()

    def _amount(self, written: Any) -> Any:
        """A quantity; the unknown ``n`` of a scenario is 25."""
        return {"n": 25, "n-10": 15}.get(written, written)
