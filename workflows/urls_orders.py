"""URLs of open orders, of bills of materials, and of the tasks that follow postings."""

from django.urls import path

from workflows.views import boms, followups, orders

urlpatterns = [
    path("orders/", orders.listing, name="orders"),
    path("documents/<uuid:key>/explode/", orders.explode, name="explode"),
    path("tasks/", followups.listing, name="tasks"),
    path("tasks/<uuid:key>/", followups.write, name="task"),
    path("boms/", boms.listing, name="boms"),
    path("boms/new/", boms.edit, name="bom_new"),
    path("boms/<int:item>/", boms.edit, name="bom"),
    path("boms/<int:item>/archive/", boms.archive, name="bom_archive"),
]
