"""URLs of the pages on which processes are designed and tried out, and of what belongs to them."""

from django.urls import URLPattern, path

from workflows.views import calendar, designer, fields, number_rules, numbering, simulator

_OF = "processes/<int:company>/<slug:type_code>/"
_VERSION = f"{_OF}<int:number>/"
urlpatterns: list[URLPattern] = [
    path("processes/", designer.processes, name="processes"),
    path("processes/calendar/", calendar.calendar, name="calendar"),
    path("processes/calendar/day/", calendar.day, name="calendar_day"),
    path("processes/numbering/", numbering.series, name="numbering"),
    path("processes/numbering/formats/", number_rules.formats, name="number_formats"),
    path(
        "processes/numbering/formats/<int:company>/<slug:type_code>/",
        number_rules.edit,
        name="number_format",
    ),
    path("processes/fields/<slug:type_code>/", fields.fields, name="fields"),
    path("processes/fields/<slug:type_code>/new/", fields.field, name="field_new"),
    path("processes/fields/<slug:type_code>/<int:pk>/", fields.field, name="field"),
    path("processes/fields/<slug:type_code>/<int:pk>/do/", fields.change, name="field_do"),
    path(_OF, designer.process, name="process"),
    path(f"{_OF}draft/", designer.draft, name="process_draft"),
    path(f"{_OF}settings/", designer.settings, name="process_settings"),
    path(_VERSION, designer.version, name="version"),
    path(f"{_VERSION}steps/", designer.step, name="version_step"),
    path(f"{_VERSION}list/", designer.step_list, name="version_list"),
    path(f"{_VERSION}options/", designer.options, name="version_options"),
    path(f"{_VERSION}propose/", designer.propose, name="version_propose"),
    path(f"{_VERSION}activate/", designer.activate, name="version_activate"),
    path(f"{_VERSION}discard/", designer.discard, name="version_discard"),
    path(f"{_VERSION}compare/", designer.compare, name="version_compare"),
    path(f"{_VERSION}simulate/", simulator.simulate, name="version_simulate"),
]
